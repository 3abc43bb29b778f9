package dev.gantry.admission;

import dev.gantry.circuit.Probe;
import dev.gantry.inference.LaneId;

/**
 * The leave to call one lane: a slot of the worker and a place on the lane. Compared by identity.
 */
public abstract sealed class Permit {
    private final LaneId lane;
    private final long epoch;
    private final long grantedNanos;

    /** Whether the place on the lane is given back; guarded by the lock of admission control. */
    private boolean settled;

    private Permit(LaneId lane, long epoch, long grantedNanos) {
        this.lane = lane;
        this.epoch = epoch;
        this.grantedNanos = grantedNanos;
    }

    /** For an ordinary call. */
    public static final class Ordinary extends Permit {
        Ordinary(LaneId lane, long epoch, long grantedNanos) {
            super(lane, epoch, grantedNanos);
        }
    }

    /** For the fleet's one probe of a half-open lane. */
    public static final class Probing extends Permit {
        private final Probe probe;

        Probing(LaneId lane, Probe probe, long epoch, long grantedNanos) {
            super(lane, epoch, grantedNanos);
            this.probe = probe;
        }

        /** To be told what came of the call. */
        public Probe probe() {
            return probe;
        }
    }

    public LaneId lane() {
        return lane;
    }

    /** Of the lane's circuits when this was granted; see {@code LaneAvailability.Admitted}. */
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
