package dev.gantry.benchmark.compare;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;

/** What was measured, and how it is computed. */
final class Figures {
    private static final double RAMP = 0.2;
    private static final double DRAIN = 0.9;

    private Figures() {}

    /**
     * A round: all requests at once.
     *
     * @param requests counted ones
     * @param perSecond results, while neither beginning nor coming to an end
     * @param cpuMicros of the party's processes, per request
     * @param heapMebibytes the most that a collection left; null: there was none
     * @param calls that the provider saw
     * @param unanswered requests without a result when nothing more came for a while
     * @param repeated results beyond a request's first
     * @param longestGapMillis without any result
     * @param callsWhileAway calls that ended while the broker was away
     */
    record Burst(
            int requests,
            double perSecond,
            double cpuMicros,
            @Nullable Long heapMebibytes,
            long calls,
            int unanswered,
            int repeated,
            long longestGapMillis,
            long callsWhileAway) {}

    /**
     * Requests at a steady rate.
     *
     * @param p50Millis beyond what the provider took, from when the request was due to the result's
     *     arrival at the broker
     */
    record Pace(
            int requests,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double cpuMicros,
            @Nullable Long heapMebibytes,
            int unanswered) {}

    /**
     * A party's.
     *
     * @param trouble why it was not measured to the end; null: it was
     */
    record OfParty(String party, List<Burst> bursts, List<Pace> paces, @Nullable String trouble) {
        /** Results per second of the warm rounds, or of the cold one where there is no other. */
        double perSecond() {
            return median(warm().stream().mapToDouble(Burst::perSecond).toArray());
        }

        double cpuMicros() {
            return median(warm().stream().mapToDouble(Burst::cpuMicros).toArray());
        }

        /** Zero where no round was had. */
        long heapMebibytes() {
            long most = 0;
            for (Burst each : bursts) {
                most = each.heapMebibytes() == null ? most : Math.max(most, each.heapMebibytes());
            }
            for (Pace each : paces) {
                most = each.heapMebibytes() == null ? most : Math.max(most, each.heapMebibytes());
            }
            return most;
        }

        private List<Burst> warm() {
            return bursts.size() > 1 ? bursts.subList(1, bursts.size()) : bursts;
        }
    }

    /** A scenario's. */
    record OfScenario(String scenario, String says, List<OfParty> parties) {}

    /** Results per second in a lot's middle; of times that ascend, as all here. */
    static double perSecond(long[] times) {
        int from = (int) (times.length * RAMP);
        int to = (int) (times.length * DRAIN);
        return to <= from ? 0 : rate(to - from, times[to] - times[from]);
    }

    /** From the first request to the last result. */
    static double perSecond(RequestSource.Lot lot, long[] times) {
        return times.length == 0
                ? 0
                : rate(times.length, times[times.length - 1] - lot.dueMicros(0) / 1_000);
    }

    private static double rate(int count, long millis) {
        return count * 1e3 / Math.max(1, millis);
    }

    static long longestGapMillis(long[] times) {
        long longest = 0;
        for (int each = 1; each < times.length; each++) {
            longest = Math.max(longest, times[each] - times[each - 1]);
        }
        return longest;
    }

    /** Of ascending numbers; 0 where there are none. */
    static double quantile(double[] sorted, double share) {
        return sorted.length == 0
                ? 0
                : sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return quantile(sorted, 0.5);
    }
}
