package dev.gantry.observe;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which names a request may call this server. A web page can have its own name resolve to this
 * address (DNS rebinding) and would then be let in by the browser: its name gives it away. An
 * address cannot be rebound, so probes and scrapers that use one are welcome.
 */
public final class AllowedHosts {
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-f:.]{2,45}(?:%[\\w.-]{1,32})?]");

    private static final Pattern PORT = Pattern.compile(":\\d{0,5}$");

    private final Set<String> names;

    /**
     * @param names in any case; {@code *.example.com} stands for all below
     */
    public AllowedHosts(Collection<String> names) {
        this.names =
                Stream.concat(Stream.of("localhost", "*.localhost"), names.stream())
                        .map(AllowedHosts::plain)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * @param header the Host header; null or empty: a client of HTTP/1.0, which no browser is
     */
    boolean allow(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return true;
        }
        String host = plain(PORT.matcher(header.strip()).replaceFirst(""));
        return ADDRESS.matcher(host).matches() || names.contains(host) || isBelowOne(host);
    }

    private boolean isBelowOne(String host) {
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            if (names.contains("*" + host.substring(dot))) {
                return true;
            }
        }
        return false;
    }

    private static String plain(String name) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
