package dev.gantry.circuit;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Whether notifications arrive: one is sent to oneself now and then, and listened for. */
final class ListenCheck {
    private static final long LATE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long AGAIN_NANOS = Duration.ofSeconds(30).toNanos();

    private final LongSupplier ticks;

    /** Guarded by this. */
    private boolean connected;

    private boolean wanted;
    private boolean awaited;
    private boolean hears;
    private long sentAt;

    ListenCheck(LongSupplier ticks) {
        this.ticks = ticks;
    }

    /** Somebody listens anew. */
    synchronized void want() {
        connected = true;
        wanted = true;
    }

    synchronized void lost() {
        connected = false;
        wanted = false;
        awaited = false;
        hears = false;
    }

    synchronized void heard() {
        hears = connected;
        awaited = false;
    }

    /** Whether one should be sent now. */
    synchronized boolean due() {
        return connected && (wanted || ticks.getAsLong() - sentAt >= AGAIN_NANOS);
    }

    synchronized void sent() {
        wanted = false;
        awaited = true;
        sentAt = ticks.getAsLong();
    }

    /** An echo that stays away too long means that nothing arrives. */
    synchronized boolean hears() {
        if (awaited && ticks.getAsLong() - sentAt >= LATE_NANOS) {
            hears = false;
        }
        return hears;
    }
}
