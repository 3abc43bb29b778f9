package dev.gantry.provider.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The order in which a host's addresses are tried (RFC 8305, section 4): IPv6 and IPv4 in turns,
 * IPv6 first; each call begins one further, so that connections spread over all of them. An address
 * that failed goes behind those that did not, for 30 s, doubling to 10 min until it connects again:
 * it is never left out, since it may be the only one.
 */
final class AddressOrder {
    private static final Duration SHORTEST = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;

    /** Both guarded by this. */
    private final Map<InetAddress, Failed> failures = new HashMap<>();

    private int turn;

    /**
     * @param until nanoseconds of the clock, after which the address stands with the others again
     */
    private record Failed(Duration last, long until) {}

    AddressOrder(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** All of {@code found}, the one to try first in front. */
    synchronized List<InetAddress> of(List<InetAddress> found) {
        failures.keySet().retainAll(Set.copyOf(found));
        long now = nanoTime.getAsLong();
        List<InetAddress> well = new ArrayList<>();
        List<InetAddress> ill = new ArrayList<>();
        for (InetAddress address : found) {
            (rest(address, now) > 0 ? ill : well).add(address);
        }
        int first = turn++;
        List<InetAddress> order = inTurns(well, first);
        // The one whose time is over soonest has had the longest to recover.
        ill.sort(Comparator.comparingLong(address -> rest(address, now)));
        order.addAll(ill);
        return order;
    }

    /** It refused, was silent, or was overtaken by another. */
    synchronized void failed(InetAddress address) {
        Failed before = failures.get(address);
        long now = nanoTime.getAsLong();
        if (before != null && before.until() - now > 0) {
            // Calls that were under way together are one failure.
            return;
        }
        Duration rest = before == null ? SHORTEST : least(before.last().multipliedBy(2), LONGEST);
        failures.put(address, new Failed(rest, now + rest.toNanos()));
    }

    synchronized void connected(InetAddress address) {
        failures.remove(address);
    }

    private long rest(InetAddress address, long now) {
        Failed failed = failures.get(address);
        return failed == null ? 0 : Math.max(0, failed.until() - now);
    }

    private static List<InetAddress> inTurns(List<InetAddress> addresses, int first) {
        List<InetAddress> six = new ArrayList<>();
        List<InetAddress> four = new ArrayList<>();
        for (InetAddress address : addresses) {
            (address instanceof Inet6Address ? six : four).add(address);
        }
        List<InetAddress> order = new ArrayList<>(addresses.size());
        for (int i = 0; i < Math.max(six.size(), four.size()); i++) {
            if (i < six.size()) {
                order.add(six.get(Math.floorMod(first + i, six.size())));
            }
            if (i < four.size()) {
                order.add(four.get(Math.floorMod(first + i, four.size())));
            }
        }
        return order;
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
