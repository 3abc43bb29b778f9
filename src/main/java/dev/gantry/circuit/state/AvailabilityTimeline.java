package dev.gantry.circuit.state;

import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.Denied;
import dev.gantry.circuit.state.CircuitState.HalfOpen;
import dev.gantry.circuit.state.CircuitState.Open;
import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.inference.CircuitCause;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A lane's availabilities from now on as long as no circuit changes: made once, read by every
 * request.
 */
public final class AvailabilityTimeline {
    private static final long HASH = 31;

    /** Ascending nanoseconds since the epoch; each availability holds from its own on. */
    private final long[] moments;

    private final LaneAvailability[] availabilities;

    /** Calls of the lane that began earlier say nothing of it any more. */
    private final Instant countsFrom;

    /** The same, whatever this worker's own circuit does. */
    private final Instant fleetCountsFrom;

    private AvailabilityTimeline(
            long[] moments,
            LaneAvailability[] availabilities,
            Instant countsFrom,
            Instant fleetCountsFrom) {
        this.moments = moments;
        this.availabilities = availabilities;
        this.countsFrom = countsFrom;
        this.fleetCountsFrom = fleetCountsFrom;
    }

    /**
     * What both circuits together allow, from now on.
     *
     * @param lane the fleet's circuit of the lane, and this worker's own: failures are theirs
     * @param instance the same of its instance
     */
    public static AvailabilityTimeline of(List<Circuit> lane, List<Circuit> instance) {
        List<Circuit> all = new ArrayList<>(instance);
        all.addAll(lane);
        Instant[] times =
                all.stream()
                        .map(Circuit::state)
                        .flatMap(
                                each ->
                                        each instanceof Open open
                                                ? Stream.of(open.until())
                                                : Stream.empty())
                        .distinct()
                        .sorted()
                        .toArray(Instant[]::new);
        long[] moments = new long[times.length + 1];
        LaneAvailability[] availabilities = new LaneAvailability[times.length + 1];
        moments[0] = Long.MIN_VALUE;
        availabilities[0] = availability(all, Instant.MIN);
        for (int at = 0; at < times.length; at++) {
            moments[at + 1] = FleetClock.nanos(times[at]);
            availabilities[at + 1] = availability(all, times[at]);
        }
        return new AvailabilityTimeline(
                moments, availabilities, countsFrom(lane), countsFrom(lane.getFirst().state()));
    }

    /** Whether time alone changes nothing. */
    public boolean lasting() {
        return moments.length == 1;
    }

    public LaneAvailability last() {
        return availabilities[availabilities.length - 1];
    }

    public LaneAvailability at(long nanos) {
        int at = moments.length - 1;
        while (nanos < moments[at]) {
            at--;
        }
        return availabilities[at];
    }

    public Instant countsFrom() {
        return countsFrom;
    }

    public Instant fleetCountsFrom() {
        return fleetCountsFrom;
    }

    private static LaneAvailability availability(List<Circuit> circuits, Instant now) {
        Circuit worst = circuits.getFirst();
        for (Circuit each : circuits) {
            // The one that holds calls back longest.
            worst = endless(each.at(now)).isAfter(endless(worst.at(now))) ? each : worst;
        }
        CircuitCause cause = worst.cause();
        return switch (worst.at(now)) {
            case Denied _ -> new Benched(null, cause.kind(), cause.reason());
            case Open open -> new Benched(open.until(), cause.kind(), cause.reason());
            case HalfOpen half ->
                    new LaneAvailability.HalfOpen(half.since(), cause.kind(), cause.reason());
            case Closed _ -> new Admitted(epoch(circuits, now));
        };
    }

    private static Instant endless(CircuitState state) {
        return switch (state) {
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
            Instant from = countsFrom(each.state());
            latest = from.isAfter(latest) ? from : latest;
        }
        return latest;
    }

    private static Instant countsFrom(CircuitState lane) {
        return switch (lane) {
            case Closed closed -> closed.since();
            case Open open when open.end() == CircuitState.End.TIME -> open.until();
            case Open _, HalfOpen _, Denied _ -> Instant.MAX;
        };
    }
}
