package dev.gantry.intake.membership;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Why a client says nothing to its coordinator: nobody is there to hear it, or it has given up. The
 * broker is asked now and then which of them it is. Used by the poll loop's thread.
 */
final class CoordinatorSilence {
    private static final Duration ASK_EVERY = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private long askedNanos;

    /** When the broker was last known not to answer; at first, when this began. */
    private long unansweredNanos;

    /**
     * @param nanos the monotonic clock
     */
    CoordinatorSilence(LongSupplier nanos) {
        this.nanos = nanos;
        this.askedNanos = nanos.getAsLong();
        this.unansweredNanos = askedNanos;
    }

    /** Whether it is time to ask the broker; it is not again for a while. */
    boolean asks() {
        long now = nanos.getAsLong();
        if (now - askedNanos < ASK_EVERY.toNanos()) {
            return false;
        }
        askedNanos = now;
        return true;
    }

    /** The broker does not answer. */
    void unanswered() {
        unansweredNanos = nanos.getAsLong();
    }

    /**
     * Whether the client has given up, if the broker answers now: it had all that time for a
     * heartbeat, with somebody there to take it.
     *
     * @param since its last heartbeat
     * @param allowed how long a member may say nothing while the broker answers
     */
    boolean tooLong(Duration since, Duration allowed) {
        Duration heard = Duration.ofNanos(nanos.getAsLong() - unansweredNanos);
        return since.compareTo(allowed) > 0 && heard.compareTo(allowed) > 0;
    }
}
