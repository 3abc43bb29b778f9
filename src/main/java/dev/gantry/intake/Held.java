package dev.gantry.intake;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the worker holds of all its partitions together: taken and not done. */
final class Held {
    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    void add(Ticket ticket) {
        records.incrementAndGet();
        bytes.addAndGet(ticket.size());
    }

    void remove(Ticket ticket) {
        records.decrementAndGet();
        bytes.addAndGet(-ticket.size());
    }

    int records() {
        return records.get();
    }

    long bytes() {
        return bytes.get();
    }
}
