package dev.gantry.admission;

import dev.gantry.limit.LaneQuota;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One request in line; all of it is guarded by the lock of admission control. */
final class Waiter {
    /** Deadline order; who came first where deadlines are the same. */
    static final Comparator<Waiter> FIRST =
            Comparator.<Waiter, Instant>comparing(each -> each.request.deadline())
                    .thenComparingLong(each -> each.number);

    static final Comparator<Waiter> SOONEST =
            Comparator.<Waiter, Instant>comparing(each -> each.wakeAt)
                    .thenComparingLong(each -> each.number);

    final AdmissionRequest request;
    final long number;

    /** The lanes in whose lines it stands. */
    final List<LaneLoads> lines = new ArrayList<>(2);

    WaitReason reason;

    /**
     * The lane that would have it but has no room; later candidates were not looked at. Null: it
     * stands in the line of every candidate that it may have.
     */
    @Nullable LaneLoads stoppedAt;

    /** When to look at it again whatever the lanes do. */
    Instant wakeAt;

    boolean over;
    @Nullable Permit permit;

    /** Whether its request has the permit. */
    boolean taken;

    @Nullable Runnable then;

    /** Those who share out the fleet's limits are told how many want each. */
    void counts(int more) {
        LaneQuota.waits(lines.stream().map(lane -> lane.quota).toList(), more);
    }

    Waiter(AdmissionRequest request, long number, WaitReason reason, Instant wakeAt) {
        this.request = request;
        this.number = number;
        this.reason = reason;
        this.wakeAt = wakeAt;
    }
}
