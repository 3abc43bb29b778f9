package dev.gantry.admission;

import dev.gantry.circuit.Probe;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

/**
 * The leave to call one lane: a slot of the worker and a place on the lane. Compared by identity.
 */
public final class Permit {
    private final LaneId lane;
    private final @Nullable Probe probe;
    private final long epoch;
    private final long grantedNanos;

    /** Whether the place on the lane is given back; guarded by the traffic's lock. */
    private boolean settled;

    Permit(LaneId lane, @Nullable Probe probe, long epoch, long grantedNanos) {
        this.lane = lane;
        this.probe = probe;
        this.epoch = epoch;
        this.grantedNanos = grantedNanos;
    }

    public LaneId lane() {
        return lane;
    }

    /** Null unless the call is the fleet's one probe of a half-open lane. */
    public @Nullable Probe probe() {
        return probe;
    }

    /** Of the lane's circuits when this was granted; see {@code Standing.Admitted}. */
    public long epoch() {
        return epoch;
    }

    long grantedNanos() {
        return grantedNanos;
    }

    /** True the first time. */
    boolean settle() {
        boolean first = !settled;
        settled = true;
        return first;
    }
}
