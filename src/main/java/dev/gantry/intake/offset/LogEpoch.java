package dev.gantry.intake.offset;

import org.apache.kafka.common.Uuid;

/**
 * Which log an offset belongs to: a topic that was deleted and made anew has another id, and what
 * was written after a truncation has a later epoch.
 *
 * @param topic the topic's id; {@link Uuid#ZERO_UUID} where it is not known
 * @param epoch the leader epoch of the last record read; {@link #NO_EPOCH} where that is not known
 */
public record LogEpoch(Uuid topic, int epoch) {
    public static final int NO_EPOCH = -1;
    public static final LogEpoch UNKNOWN = new LogEpoch(Uuid.ZERO_UUID, NO_EPOCH);

    boolean known() {
        return !topic.equals(Uuid.ZERO_UUID);
    }

    /** Whether it is certain that the offsets of one mean nothing in the other. */
    public boolean strangerTo(Uuid other) {
        return known() && !other.equals(Uuid.ZERO_UUID) && !topic.equals(other);
    }

    LogEpoch at(int nextEpoch) {
        return nextEpoch == epoch ? this : new LogEpoch(topic, nextEpoch);
    }
}
