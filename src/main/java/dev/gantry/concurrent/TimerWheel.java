package dev.gantry.concurrent;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits in time for very many things of which nearly all are over long before: to set and to lift
 * one costs two short locks, wakes nobody and leaves nothing behind. A limit is never early and
 * about a tick late.
 *
 * <p>A timed park of a virtual thread, or a scheduled task, asks a queue that is ordered to the
 * nanosecond and wakes its thread; here limits of the same tick share one of the slots of a wheel.
 * One thread turns it, and rests while there is no limit.
 */
public final class TimerWheel {
    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    /** Of a wheel's thread there are a hundred wake-ups a second at most: under 0.1 % of a core. */
    private static final Duration TICK = Duration.ofMillis(10);

    private static final long TICK_NANOS = TICK.toNanos();

    /** Five seconds; longer limits are passed by once in each turn. */
    private static final int SLOTS = 512;

    /** Looking through all slots for nothing is worth it once in a while. */
    private static final int TICKS_BEFORE_REST = 100;

    /** Beyond it no process runs, and sums stay in range. */
    private static final long LONGEST_NANOS = Duration.ofDays(36_500).toNanos();

    private static final Duration UNTIL_CALLED = Duration.ofDays(1);

    private static final TimerWheel SHARED = started();

    private final LongSupplier nanoTime;
    private final long origin;
    private final Runnable wake;
    private final Slot[] slots = new Slot[SLOTS];

    /** The tick whose slot was last looked at; the wheel's thread writes it. */
    private volatile long reached;

    private volatile boolean resting;

    /** What is over and has not run yet; only the wheel's thread uses both. */
    private @Nullable Limit due;

    private int ticksSinceLook;

    /** Limits whose ticks are a whole number of turns apart; the list is guarded by this. */
    private static final class Slot {
        private @Nullable Limit first;
    }

    /**
     * @param wake called when there is a limit again
     */
    TimerWheel(LongSupplier nanoTime, Runnable wake) {
        this.nanoTime = nanoTime;
        this.origin = nanoTime.getAsLong();
        this.wake = wake;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
        }
    }

    /** The process's own, with a daemon thread. */
    public static TimerWheel shared() {
        return SHARED;
    }

    private static TimerWheel started() {
        BackgroundLoop[] loop = new BackgroundLoop[1];
        TimerWheel wheel = new TimerWheel(System::nanoTime, () -> loop[0].call());
        loop[0] = BackgroundLoop.of("timer-wheel", wheel::turn);
        loop[0].start();
        return wheel;
    }

    /**
     * Something that may last for so long.
     *
     * @param nanos zero or less: it is over with the next tick
     * @param atEnd runs on the wheel's thread unless the limit is lifted before; must not block
     */
    public Limit limit(long nanos, Runnable atEnd) {
        long end = nanoTime.getAsLong() - origin + Math.clamp(nanos, 0, LONGEST_NANOS);
        Limit limit = new Limit(atEnd);
        long tick = Math.ceilDiv(end, TICK_NANOS);
        while (!enter(limit, tick)) {
            tick = reached + 1;
        }
        if (resting) {
            resting = false;
            wake.run();
        }
        return limit;
    }

    /** False if the wheel is past it. */
    private boolean enter(Limit limit, long tick) {
        Slot slot = slots[(int) (tick % SLOTS)];
        synchronized (slot) {
            if (tick <= reached) {
                return false;
            }
            limit.tick = tick;
            limit.slot = slot;
            limit.next = slot.first;
            if (slot.first != null) {
                slot.first.previous = limit;
            }
            slot.first = limit;
            return true;
        }
    }

    /** Runs what is over; returns for how long nothing is to be done. */
    Duration turn() {
        runDue(); // of a turn that failed
        long now = (nanoTime.getAsLong() - origin) / TICK_NANOS;
        // After a rest each slot is looked at once, however long it was.
        for (long tick = Math.max(reached + 1, now - SLOTS + 1); tick <= now; tick++) {
            // Before the look, so that nobody enters behind it.
            reached = tick;
            takeDue(slots[(int) (tick % SLOTS)], now);
            runDue();
        }
        return ++ticksSinceLook >= TICKS_BEFORE_REST && mayRest() ? UNTIL_CALLED : TICK;
    }

    private void takeDue(Slot slot, long now) {
        synchronized (slot) {
            Limit next = slot.first;
            while (next != null) {
                Limit each = next;
                next = each.next;
                if (each.tick <= now) {
                    each.unlink();
                    each.next = due;
                    due = each;
                }
            }
        }
    }

    private void runDue() {
        while (due != null) {
            Limit next = due;
            due = next.next;
            next.next = null;
            if (!next.lifted) {
                run(next);
            }
        }
    }

    /** A loop that fails rests for seconds, and all other limits would be as late. */
    private static void run(Limit limit) {
        try {
            limit.atEnd.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("the end of a limit failed; the others go on");
        }
    }

    private boolean mayRest() {
        ticksSinceLook = 0;
        resting = true; // first: who enters behind the look sees it
        for (Slot slot : slots) {
            synchronized (slot) {
                if (slot.first != null) {
                    resting = false;
                    return false;
                }
            }
        }
        return true;
    }

    /** Lifted when what it limits has ended. */
    public static final class Limit implements AutoCloseable {
        private final Runnable atEnd;
        private volatile boolean lifted;

        /** Set once, before anybody else knows the limit. */
        private @Nullable Slot slot;

        private long tick;

        /** Guarded by the slot; once out of it, the wheel's thread's own. */
        private @Nullable Limit previous;

        private @Nullable Limit next;

        private Limit(Runnable atEnd) {
            this.atEnd = atEnd;
        }

        /** Lifts it; nothing runs from now on unless it has begun. */
        @Override
        public void close() {
            Slot own = slot;
            if (lifted || own == null) {
                return;
            }
            lifted = true;
            synchronized (own) {
                if (previous != null || own.first == this) {
                    unlink();
                }
            }
        }

        private void unlink() {
            if (previous != null) {
                previous.next = next;
            } else if (slot != null) {
                slot.first = next;
            }
            if (next != null) {
                next.previous = previous;
            }
            previous = null;
            next = null;
        }
    }
}
