package dev.gantry.outbox;

import java.util.concurrent.atomic.AtomicLong;

/** What this worker did with the spool since its start. */
final class SpoolCounts {
    private final AtomicLong spooled = new AtomicLong();
    private final AtomicLong drained = new AtomicLong();
    private final AtomicLong poison = new AtomicLong();

    AtomicLong spooled() {
        return spooled;
    }

    AtomicLong drained() {
        return drained;
    }

    AtomicLong poison() {
        return poison;
    }
}
