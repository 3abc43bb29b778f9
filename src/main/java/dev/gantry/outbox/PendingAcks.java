package dev.gantry.outbox;

import dev.gantry.event.Envelope;
import dev.gantry.inference.SourcePosition;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts a request's records that are not yet safe, and completes the request once all are.
 *
 * <p>Until it is sealed it stays open however many records are safe: the end is still to come. A
 * count of acks that is never sealed never completes, which is what an abandoned request needs.
 */
public final class PendingAcks {
    private final Envelope envelope;
    private final SourcePosition source;
    private final Runnable onSafe;
    private final AtomicBoolean sealed = new AtomicBoolean();

    /** Records out, plus one for the seal. */
    private final AtomicInteger open = new AtomicInteger(1);

    /**
     * @param source of the request
     */
    public PendingAcks(Envelope envelope, SourcePosition source, Runnable onSafe) {
        this.envelope = envelope;
        this.source = source;
        this.onSafe = onSafe;
    }

    public Envelope envelope() {
        return envelope;
    }

    SourcePosition source() {
        return source;
    }

    /** Whether the request is complete once so many more of its records are safe. */
    boolean completesWith(int records) {
        return sealed.get() && open.get() == records;
    }

    /** Counts one more record in; run what is returned once that record is safe. */
    public Runnable expect() {
        if (open.getAndIncrement() == 0) {
            throw new IllegalStateException("a record for a request that is complete");
        }
        return this::release;
    }

    /** No more records will come. */
    public void seal() {
        if (sealed.compareAndSet(false, true)) {
            release();
        }
    }

    /** Records that are not yet safe. */
    public int outstanding() {
        return sealed.get() ? open.get() : open.get() - 1;
    }

    private void release() {
        if (open.decrementAndGet() == 0) {
            onSafe.run();
        }
    }
}
