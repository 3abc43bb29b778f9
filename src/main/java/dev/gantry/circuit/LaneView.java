package dev.gantry.circuit;

import dev.gantry.circuit.state.AvailabilityTimeline;
import dev.gantry.circuit.state.CircuitEvent.Counted;
import dev.gantry.circuit.state.FailureWindow;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.TripFailure;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** One lane as this worker knows it: read by requests without a lock, told of every outcome. */
final class LaneView {
    /** Asked for so lately, a lane is wanted. */
    private static final long WANTED_NANOS = Duration.ofSeconds(2).toNanos();

    /** Noting it more often would only make threads share a cache line. */
    private static final long NOTED_NANOS = Duration.ofMillis(100).toNanos();

    private static final long COALESCED_NANOS = Duration.ofMillis(50).toNanos();

    /** A lane that mostly succeeds is far from being benched: its errors need not hurry. */
    private static final long SPARSE_NANOS = Duration.ofMillis(250).toNanos();

    private static final int SPARSE = 4;

    private final LaneId lane;
    private final CircuitKey own;
    private final CircuitKey instance;
    private final CallRing callRing;
    private final RecentCalls recent;

    /** Written under the cache's lock. */
    private volatile AvailabilityTimeline timeline;

    private volatile long askedAt;

    /** Whether the catalogue no longer has it; written under the cache's lock. */
    private volatile boolean gone;

    /** When it last did its work here. */
    private volatile long answeredAt = Long.MIN_VALUE;

    /** When the next report may go; only the reporting thread uses it. */
    private long reportsAt;

    /** What no report has carried yet; guarded by this. */
    private @Nullable Counted failures;

    LaneView(LaneId lane, AvailabilityTimeline timeline, Duration window) {
        this.lane = lane;
        this.own = CircuitKey.ofLane(lane);
        this.instance = CircuitKey.ofInstance(lane);
        this.callRing = new CallRing(window);
        this.recent = new RecentCalls(window);
        this.timeline = timeline;
    }

    LaneId lane() {
        return lane;
    }

    CircuitKey own() {
        return own;
    }

    CircuitKey instance() {
        return instance;
    }

    AvailabilityTimeline timeline() {
        return timeline;
    }

    boolean gone() {
        return gone;
    }

    void leaveCatalogue() {
        gone = true;
    }

    void joinCatalogue() {
        gone = false;
    }

    /** Calls from before a transition say nothing of what follows it. */
    void timeline(AvailabilityTimeline next, long nanos) {
        if (!next.countsFrom().equals(timeline.countsFrom())) {
            callRing.take(nanos);
            forgetFailures();
        }
        timeline = next;
    }

    private synchronized void forgetFailures() {
        failures = null;
    }

    /** Whether it is worth telling that the lane is wanted. */
    boolean ask(long nanos) {
        if (nanos - askedAt < NOTED_NANOS) {
            return false;
        }
        askedAt = nanos;
        return true;
    }

    boolean wanted(long nanos) {
        return nanos - askedAt < WANTED_NANOS;
    }

    RecentCalls recent() {
        return recent;
    }

    void called(long nanos) {
        callRing.add(nanos);
        recent.called(nanos);
    }

    void uncalled(long nanos) {
        callRing.remove(nanos);
        recent.uncalled(nanos);
    }

    void answered(long nanos) {
        answeredAt = nanos;
    }

    long answeredAt() {
        return answeredAt;
    }

    /** Whether it is the first that no report has carried. */
    synchronized boolean failed(Instant at, Instant began, TripFailure trip) {
        boolean unknown = trip.cause().kind() == ErrorKind.UNKNOWN;
        if (!began.isBefore(timeline.fleetCountsFrom())) {
            note(unknown, FleetClock.nanos(at));
        }
        if (began.isBefore(timeline.countsFrom())) {
            return false;
        }
        Counted before = failures;
        int known = before == null ? 0 : before.batch().failures();
        int unknowns = before == null ? 0 : before.batch().unknowns();
        Instant first = before == null || began.isBefore(before.began()) ? began : before.began();
        failures =
                new Counted(
                        at,
                        first,
                        new FailureWindow.Batch(
                                0, known + (unknown ? 0 : 1), unknowns + (unknown ? 1 : 0)),
                        before == null ? trip : trip.after(before.trip()));
        return before == null;
    }

    private void note(boolean unknown, long nanos) {
        if (unknown) {
            recent.failedUnknown(nanos);
        } else {
            recent.failed(nanos);
        }
    }

    /** Nanoseconds until the next report may go; at most 0: now. */
    long rest(long nanos) {
        return reportsAt - nanos;
    }

    /** What has failed since the last report, with the calls that have begun since. */
    synchronized @Nullable Counted report(long nanos) {
        Counted failed = failures;
        if (failed == null) {
            return null;
        }
        failures = null;
        int others = Math.max(0, callRing.take(nanos) - failed.batch().failed());
        FailureWindow.Batch batch =
                new FailureWindow.Batch(
                        others, failed.batch().failures(), failed.batch().unknowns());
        reportsAt = nanos + pause(batch);
        return new Counted(failed.at(), failed.began(), batch, failed.trip());
    }

    /** Nanoseconds from this report to the next. */
    static long pause(FailureWindow.Batch batch) {
        return batch.successes() > SPARSE * batch.failed() ? SPARSE_NANOS : COALESCED_NANOS;
    }
}
