package dev.gantry.intake;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the worker holds of all its partitions together: taken and not done. */
final class Held {
    private final AtomicInteger records = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    void add(Ticket ticket) {
        records.incrementAndGet();
        bytes.addAndGet(ticket.held());
    }

    void remove(Ticket ticket) {
        records.decrementAndGet();
        bytes.addAndGet(-ticket.held());
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
