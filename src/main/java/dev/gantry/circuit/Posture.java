package dev.gantry.circuit;

import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;
import dev.gantry.circuit.Standing.Admitted;
import dev.gantry.circuit.Standing.Benched;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A lane's standings from now on as long as no circuit changes: made once, read by every request.
 */
final class Posture {
    private static final long HASH = 31;

    /** Ascending nanoseconds since the epoch; each standing holds from its own on. */
    private final long[] moments;

    private final Standing[] standings;

    /** Calls of the lane that began earlier say nothing of it any more. */
    private final Instant countsFrom;

    /** The same, whatever this worker's own circuit does. */
    private final Instant fleetCountsFrom;

    private Posture(
            long[] moments, Standing[] standings, Instant countsFrom, Instant fleetCountsFrom) {
        this.moments = moments;
        this.standings = standings;
        this.countsFrom = countsFrom;
        this.fleetCountsFrom = fleetCountsFrom;
    }

    /**
     * @param lane the fleet's circuit of the lane, and this worker's own: failures are theirs
     * @param instance the same of its instance
     */
    static Posture of(List<Circuit> lane, List<Circuit> instance) {
        List<Circuit> all = new ArrayList<>(instance);
        all.addAll(lane);
        Instant[] times =
                all.stream()
                        .map(Circuit::phase)
                        .flatMap(
                                each ->
                                        each instanceof Open open
                                                ? Stream.of(open.until())
                                                : Stream.empty())
                        .distinct()
                        .sorted()
                        .toArray(Instant[]::new);
        long[] moments = new long[times.length + 1];
        Standing[] standings = new Standing[times.length + 1];
        moments[0] = Long.MIN_VALUE;
        standings[0] = standing(all, Instant.MIN);
        for (int at = 0; at < times.length; at++) {
            moments[at + 1] = FleetClock.nanos(times[at]);
            standings[at + 1] = standing(all, times[at]);
        }
        return new Posture(
                moments, standings, countsFrom(lane), countsFrom(lane.getFirst().phase()));
    }

    /** Whether time alone changes nothing. */
    boolean lasting() {
        return moments.length == 1;
    }

    Standing last() {
        return standings[standings.length - 1];
    }

    Standing at(long nanos) {
        int at = moments.length - 1;
        while (nanos < moments[at]) {
            at--;
        }
        return standings[at];
    }

    Instant countsFrom() {
        return countsFrom;
    }

    Instant fleetCountsFrom() {
        return fleetCountsFrom;
    }

    private static Standing standing(List<Circuit> circuits, Instant now) {
        Circuit worst = circuits.getFirst();
        for (Circuit each : circuits) {
            // The one that holds calls back longest.
            worst = endless(each.at(now)).isAfter(endless(worst.at(now))) ? each : worst;
        }
        Cause cause = worst.cause();
        return switch (worst.at(now)) {
            case Denied _ -> new Benched(null, cause.kind(), cause.reason());
            case Open open -> new Benched(open.until(), cause.kind(), cause.reason());
            case HalfOpen half -> new Standing.HalfOpen(half.since(), cause.kind(), cause.reason());
            case Closed _ -> new Admitted(epoch(circuits, now));
        };
    }

    private static Instant endless(Phase phase) {
        return switch (phase) {
            case Denied _ -> Instant.MAX;
            case Open open -> open.until();
            case HalfOpen _ -> Instant.MIN.plusNanos(1);
            case Closed _ -> Instant.MIN;
        };
    }

    /** Tells each closing of any from every other; the same on every worker that has no own. */
    private static long epoch(List<Circuit> circuits, Instant now) {
        long epoch = 0;
        for (Circuit each : circuits) {
            epoch = epoch * HASH + micros(each.at(now).since());
        }
        return epoch;
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static Instant countsFrom(List<Circuit> lane) {
        Instant latest = Instant.MIN;
        for (Circuit each : lane) {
            Instant from = countsFrom(each.phase());
            latest = from.isAfter(latest) ? from : latest;
        }
        return latest;
    }

    private static Instant countsFrom(Phase lane) {
        return switch (lane) {
            case Closed closed -> closed.since();
            case Open open when open.end() == Phase.End.TIME -> open.until();
            case Open _, HalfOpen _, Denied _ -> Instant.MAX;
        };
    }
}
