package dev.gantry.admission;

import dev.gantry.circuit.Probe;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.LaneQuota.Reservation;

/**
 * The leave to call one lane: a slot of the worker and a place on the lane. Compared by identity.
 */
public abstract sealed class Permit {
    private final LaneId lane;
    private final String topic;
    private final long epoch;
    private final long grantedNanos;
    private final Reservation reservation;

    /** Whether the place on the lane is given back; guarded by the lock of admission control. */
    private boolean settled;

    private Permit(
            LaneId lane, String topic, long epoch, long grantedNanos, Reservation reservation) {
        this.lane = lane;
        this.topic = topic;
        this.epoch = epoch;
        this.grantedNanos = grantedNanos;
        this.reservation = reservation;
    }

    /** For an ordinary call. */
    public static final class Ordinary extends Permit {
        Ordinary(
                LaneId lane, String topic, long epoch, long grantedNanos, Reservation reservation) {
            super(lane, topic, epoch, grantedNanos, reservation);
        }
    }

    /** For the fleet's one probe of a half-open lane. */
    public static final class Probing extends Permit {
        private final Probe probe;

        Probing(
                LaneId lane,
                String topic,
                Probe probe,
                long epoch,
                long grantedNanos,
                Reservation reservation) {
            super(lane, topic, epoch, grantedNanos, reservation);
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

    /** Whose slot it is. */
    String topic() {
        return topic;
    }

    /** Of the lane's circuits when this was granted; see {@code LaneAvailability.Admitted}. */
    public long epoch() {
        return epoch;
    }

    long grantedNanos() {
        return grantedNanos;
    }

    /** What it has set aside of the lane's limits. */
    Reservation reservation() {
        return reservation;
    }

    /** True the first time. */
    boolean settle() {
        boolean first = !settled;
        settled = true;
        return first;
    }
}
