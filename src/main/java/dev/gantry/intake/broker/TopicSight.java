package dev.gantry.intake.broker;

import org.apache.kafka.common.Uuid;

/** What is seen of the requests topic. */
public interface TopicSight {
    /** What was seen of the topic. */
    sealed interface Sighting {
        /**
         * It stands.
         *
         * @param id {@link Uuid#ZERO_UUID} where the broker knows none
         * @param askedNanos before this moment it stood already, on the monotonic clock
         */
        record There(Uuid id, long askedNanos) implements Sighting {}

        /** The broker knows no such topic. */
        record Missing(long askedNanos) implements Sighting {}

        /** The broker does not say. */
        record Unclear(long askedNanos) implements Sighting {}

        /** On the monotonic clock. */
        long askedNanos();
    }

    /** What was seen last. */
    Sighting last();

    /** Have somebody look soon. */
    void request();

    /** Looks now; waits two seconds at most. */
    Sighting look() throws InterruptedException;
}
