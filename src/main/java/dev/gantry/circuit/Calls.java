package dev.gantry.circuit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The latest calls of a lane that no report has carried yet: a ring of time slots without locks,
 * because every call passes here.
 */
final class Calls {
    private static final int SLOTS = 8;
    private static final int COUNT_BITS = 32;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    /** Each holds the number of its time slot (its lower half) and the calls in it. */
    private final AtomicLongArray ring = new AtomicLongArray(SLOTS);

    private final long slotNanos;

    Calls(Duration window) {
        this.slotNanos = Math.max(1, window.toNanos() / SLOTS);
    }

    void add(long nanos) {
        long slot = nanos / slotNanos;
        int at = (int) Math.floorMod(slot, (long) SLOTS);
        long tag = slot << COUNT_BITS;
        while (true) {
            long seen = ring.get(at);
            long next = (seen & ~COUNT) == tag ? seen + 1 : tag | 1;
            if (ring.compareAndSet(at, seen, next)) {
                return;
            }
        }
    }

    /** Takes out those that are still within the window. */
    int take(long nanos) {
        long slot = nanos / slotNanos;
        long sum = 0;
        for (int at = 0; at < SLOTS; at++) {
            long seen = ring.getAndSet(at, 0);
            int age = (int) slot - (int) (seen >>> COUNT_BITS);
            if (age >= 0 && age < SLOTS) {
                sum += seen & COUNT;
            }
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }
}
