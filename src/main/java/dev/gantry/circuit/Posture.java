package dev.gantry.circuit;

import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;
import dev.gantry.circuit.Standing.Admitted;
import dev.gantry.circuit.Standing.Benched;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

    private Posture(long[] moments, Standing[] standings, Instant countsFrom) {
        this.moments = moments;
        this.standings = standings;
        this.countsFrom = countsFrom;
    }

    static Posture of(Circuit instance, Circuit lane) {
        Instant[] times =
                Stream.of(instance, lane)
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
        standings[0] = standing(instance, lane, Instant.MIN);
        for (int at = 0; at < times.length; at++) {
            moments[at + 1] = FleetClock.nanos(times[at]);
            standings[at + 1] = standing(instance, lane, times[at]);
        }
        return new Posture(moments, standings, countsFrom(lane.phase()));
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

    private static Standing standing(Circuit instance, Circuit lane, Instant now) {
        Circuit worse = worse(instance, lane, now);
        return switch (worse.at(now)) {
            case Denied _ -> new Benched(null, worse.cause().kind(), worse.cause().reason());
            case Open open ->
                    new Benched(open.until(), worse.cause().kind(), worse.cause().reason());
            case HalfOpen _ -> new Standing.HalfOpen(worse.cause().kind(), worse.cause().reason());
            case Closed _ -> new Admitted(epoch(instance.at(now), lane.at(now)));
        };
    }

    /** The one that holds calls back longer. */
    private static Circuit worse(Circuit instance, Circuit lane, Instant now) {
        return endless(lane.at(now)).isAfter(endless(instance.at(now))) ? lane : instance;
    }

    private static Instant endless(Phase phase) {
        return switch (phase) {
            case Denied _ -> Instant.MAX;
            case Open open -> open.until();
            case HalfOpen _ -> Instant.MIN.plusNanos(1);
            case Closed _ -> Instant.MIN;
        };
    }

    /** Tells each closing of either from every other; the same on every worker. */
    private static long epoch(Phase instance, Phase lane) {
        return micros(instance.since()) * HASH + micros(lane.since());
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static Instant countsFrom(Phase lane) {
        return switch (lane) {
            case Closed closed -> closed.since();
            case Open open when open.end() == Phase.End.TIME -> open.until();
            case Open _, HalfOpen _, Denied _ -> Instant.MAX;
        };
    }
}
