package dev.gantry.fleet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.stream.Collectors;

/**
 * What a worker is called, and the id of this one process of it.
 *
 * @param id name-&lt;8 random characters&gt;, in heartbeats, probe leases and events
 */
public record WorkerName(String name, String id) {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int SUFFIX = 8;

    /** A new id under the configured name; empty: the host's. */
    public static WorkerName of(String configured) {
        String name = configured.isBlank() ? host() : configured;
        String suffix =
                new SecureRandom()
                        .ints(SUFFIX, 0, ALPHABET.length())
                        .mapToObj(each -> ALPHABET.substring(each, each + 1))
                        .collect(Collectors.joining());
        return new WorkerName(name, name + "-" + suffix);
    }

    /** A container's runtime sets HOSTNAME; asking the resolver may take seconds. */
    private static String host() {
        String set = System.getenv("HOSTNAME");
        if (set != null && !set.isBlank()) {
            return set;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "worker";
        }
    }
}
