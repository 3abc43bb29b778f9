package dev.gantry.admission;

/**
 * How much may be under way on this worker.
 *
 * @param slots requests with a call under way; at least 1
 * @param laneShare the part of the slots that one lane, or all lanes of one provider, may hold
 *     while others want them; more than 0, at most 1
 */
public record AdmissionSettings(int slots, double laneShare) {
    public AdmissionSettings {
        if (slots < 1) {
            throw new IllegalArgumentException("slots: %d is less than 1".formatted(slots));
        }
        if (!(laneShare > 0 && laneShare <= 1)) {
            throw new IllegalArgumentException(
                    "lane-share: %s; allowed is more than 0, at most 1".formatted(laneShare));
        }
    }

    /** The slots that one lane or provider may hold while others want them; at least 1. */
    int most() {
        return Math.max(1, (int) Math.floor(slots * laneShare));
    }
}
