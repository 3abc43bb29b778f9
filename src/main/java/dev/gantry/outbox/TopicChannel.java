package dev.gantry.outbox;

import dev.gantry.concurrent.Backoff;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One topic as the publisher sees it: open, or blocked with records waiting. While blocked a few
 * records at a time are tried; the first to get through opens it again.
 *
 * <p>Guarded by the publisher's lock, but for {@link #blocked()}.
 */
final class TopicChannel {
    /** Keys of several partitions, so that one partition without a leader does not block all. */
    private static final int PROBES = 16;

    private final Backoff backoff;

    /** What waits, but for probes. */
    private final Deque<PendingRecord> waiting = new ArrayDeque<>();

    private volatile boolean blocked;
    private @Nullable Class<?> reason;

    /** Blocked for a reason that goes when the broker is back. */
    private boolean withBroker;

    /** Rounds of probes that failed, and what blocked it first. */
    private int failures;

    private long dueNanos;
    private int probesLeft;
    private int probesOut;

    TopicChannel(Backoff backoff) {
        this.backoff = backoff;
    }

    /** Read without the lock: a record that slips past is merely tried. */
    boolean blocked() {
        return blocked;
    }

    void add(PendingRecord pending) {
        waiting.addLast(pending);
    }

    /** Back where it came from. */
    void addFirst(PendingRecord pending) {
        waiting.addFirst(pending);
    }

    /** The next record for the spool; null: none. */
    @Nullable PendingRecord pollBlocked() {
        return blocked ? waiting.pollFirst() : null;
    }

    boolean waits() {
        return blocked && !waiting.isEmpty();
    }

    /** The next record that may be tried now; null: none. */
    @Nullable PendingRecord next(long now) {
        if (waiting.isEmpty()) {
            return null;
        }
        if (!blocked) {
            return waiting.pollFirst();
        }
        if (probesOut == 0 && probesLeft == 0 && now - dueNanos >= 0) {
            probesLeft = PROBES;
        }
        if (probesLeft == 0) {
            return null;
        }
        probesLeft--;
        probesOut++;
        PendingRecord probe = waiting.pollFirst();
        probe.probes();
        return probe;
    }

    /** Nanoseconds until something may be tried; a probe under way will report by itself. */
    long nanosToNext(long now) {
        if (waiting.isEmpty() || (blocked && probesOut > 0 && probesLeft == 0)) {
            return Long.MAX_VALUE;
        }
        return blocked && probesLeft == 0 ? Math.max(0, dueNanos - now) : 0;
    }

    /** A record got through; true if the channel was blocked. */
    boolean succeeded() {
        boolean opened = blocked;
        open();
        return opened;
    }

    /** No topic takes records. */
    void brokerWent(long now) {
        if (!blocked) {
            withBroker = true;
            block(now);
        }
    }

    /** The topic may take records again, unless it had trouble of its own. */
    void brokerBack() {
        if (withBroker) {
            open();
        }
    }

    private void open() {
        blocked = false;
        withBroker = false;
        reason = null;
        probesLeft = 0;
        failures = 0;
    }

    /** A record did not get through and waits again; true if that is news. */
    boolean failed(PendingRecord pending, Exception cause, long now) {
        boolean probe = returned(pending);
        waiting.addLast(pending);
        boolean news = !blocked || (probe && reason != cause.getClass());
        if (!blocked) {
            block(now);
        } else if (probe) {
            // The rest of the round would only block on what the first has found.
            probesLeft = 0;
            if (probesOut == 0) {
                block(now);
            }
        }
        reason = cause.getClass();
        return news;
    }

    /** A record left by another way: it said nothing about the channel. */
    boolean returned(PendingRecord pending) {
        boolean probe = pending.returns();
        if (probe) {
            probesOut--;
        }
        return probe;
    }

    private void block(long now) {
        blocked = true;
        dueNanos = now + backoff.after(++failures, ThreadLocalRandom.current()).toNanos();
    }
}
