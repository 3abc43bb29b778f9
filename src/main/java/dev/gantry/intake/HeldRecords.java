package dev.gantry.intake;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the worker holds of all its partitions together: taken and not done. */
final class HeldRecords {
    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    void add(InFlightRecord inFlight) {
        records.incrementAndGet();
        bytes.addAndGet(inFlight.held());
    }

    void remove(InFlightRecord inFlight) {
        records.decrementAndGet();
        bytes.addAndGet(-inFlight.held());
    }

    void bytes(int more) {
        bytes.addAndGet(more);
    }

    int records() {
        return records.get();
    }

    long bytes() {
        return bytes.get();
    }
}
