package dev.gantry.admission;

import dev.gantry.inference.LaneId;
import dev.gantry.limit.LaneQuota;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

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
        List<LaneQuota> quotas = new ArrayList<>(lines.size());
        for (LaneLoads lane : lines) {
            quotas.add(lane.quota);
        }
        LaneQuota.waits(quotas, more);
    }

    /** The reason that will pass soonest is what the request is said to wait for. */
    void waitsFor(WaitReason another) {
        reason = another.compareTo(reason) < 0 ? another : reason;
    }

    /** Whether it waits because its lanes take no calls, and one of these is among them. */
    boolean waitsFor(Set<LaneId> lanes) {
        return reason == WaitReason.BENCHED
                && request.candidates().stream().anyMatch(each -> lanes.contains(each.lane()));
    }

    String topic() {
        return request.topic();
    }

    /** How much of its topic's turn it takes: its input, and the output that it asks for. */
    long tokens() {
        Long output = request.size().output();
        return request.size().input() + (output == null ? 0 : output);
    }

    /** Whether only what the worker itself lacks is wanting. */
    boolean wantsRoom() {
        return reason == WaitReason.SLOTS || reason == WaitReason.MEMORY;
    }

    Waiter(AdmissionRequest request, long number, WaitReason reason, Instant wakeAt) {
        this.request = request;
        this.number = number;
        this.reason = reason;
        this.wakeAt = wakeAt;
    }
}
