package dev.gantry.circuit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/** The latest calls of a lane: a ring of time slots without locks, as every call passes here. */
final class CallRing {
    static final int SLOTS = 8;
    private static final int COUNT_BITS = 32;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    /** Each holds the number of its time slot (its lower half) and the calls in it. */
    private final AtomicLongArray ring;

    private final long slotNanos;

    CallRing(Duration window) {
        this(window, SLOTS);
    }

    /**
     * @param slots that the window is divided into: how finely it can be asked
     */
    CallRing(Duration window, int slots) {
        this.ring = new AtomicLongArray(slots);
        this.slotNanos = Math.max(1, window.toNanos() / slots);
    }

    void add(long nanos) {
        long slot = nanos / slotNanos;
        int at = (int) Math.floorMod(slot, (long) ring.length());
        long tag = slot << COUNT_BITS;
        while (true) {
            long seen = ring.get(at);
            long next = (seen & ~COUNT) == tag ? seen + 1 : tag | 1;
            if (ring.compareAndSet(at, seen, next)) {
                return;
            }
        }
    }

    /** Takes one back that was added then, where it is not taken out yet. */
    void remove(long nanos) {
        long slot = nanos / slotNanos;
        int at = (int) Math.floorMod(slot, (long) ring.length());
        long tag = slot << COUNT_BITS;
        while (true) {
            long seen = ring.get(at);
            boolean gone = (seen & ~COUNT) != tag || (seen & COUNT) == 0;
            if (gone || ring.compareAndSet(at, seen, seen - 1)) {
                return;
            }
        }
    }

    /** Takes out those that are still within the window. */
    int take(long nanos) {
        long slot = nanos / slotNanos;
        long sum = 0;
        for (int at = 0; at < ring.length(); at++) {
            long seen = ring.getAndSet(at, 0);
            sum += counted(seen, slot, ring.length());
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    /** Those since then that are still within the window, to a slot. */
    int since(long from, long nanos) {
        long slot = nanos / slotNanos;
        long slots = Math.min(ring.length(), Math.max(0, slot - from / slotNanos) + 1);
        long sum = 0;
        for (int at = 0; at < ring.length(); at++) {
            sum += counted(ring.get(at), slot, slots);
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    private static long counted(long seen, long slot, long slots) {
        int age = (int) slot - (int) (seen >>> COUNT_BITS);
        return age >= 0 && age < slots ? seen & COUNT : 0;
    }
}
