package dev.gantry.admission;

import java.util.function.Function;

/**
 * How much may be under way on this worker.
 *
 * @param slots requests with a call under way; at least 1
 * @param laneShare the part of the slots that one lane, or all lanes of one provider, may hold
 *     while others want them; more than 0, at most 1
 * @param topics what each topic may have, as of now
 */
public record AdmissionSettings(int slots, double laneShare, Function<String, TopicShare> topics) {
    /** All topics are equal. */
    public AdmissionSettings(int slots, double laneShare) {
        this(slots, laneShare, _ -> TopicShare.EQUAL);
    }

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
