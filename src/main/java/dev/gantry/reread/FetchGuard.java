package dev.gantry.reread;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.internals.CompletedFetch;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stands between what a consumer has fetched and its poll. The client (4.2.1) inflates what it
 * finds whatever that comes to, a record that it cannot read ends every poll from then on, and one
 * that is larger than the heap ends the process; it has no setting for any of it. So each fetch is
 * looked through first, on the thread that polls and in bounded memory. What the client would trip
 * over never reaches it, but is handed out to be read with a {@link LogReader}.
 */
public final class FetchGuard extends ConcurrentLinkedQueue<CompletedFetch> {
    private static final long serialVersionUID = 1;

    private final transient ClientAccess access = new ClientAccess();
    private final transient List<RawFetch> taken = new ArrayList<>();
    private final Bounds bounds;

    /** Let through and not begun by the client yet. */
    private transient @Nullable CompletedFetch passed;

    /** Bytes, inflated, that the poll under way has been given. */
    private long spent;

    /**
     * How much may be inflated, in bytes.
     *
     * @param record larger ones are no requests
     * @param poll for all records of a poll
     */
    public record Bounds(long record, long poll) implements java.io.Serializable {
        /**
         * The bounds that follow from what a worker takes and holds.
         *
         * @param request bytes of the largest request
         * @param held bytes of requests that may be held at once
         */
        public static Bounds of(long request, long held) {
            // Whoever exceeds the size of a request by little is still told so by the decoder.
            long record = 2 * request + (1 << 20);
            return new Bounds(record, Math.max(held / 4, record));
        }
    }

    private FetchGuard(Bounds bounds) {
        this.bounds = bounds;
    }

    /**
     * Takes its place in a consumer that has fetched nothing yet.
     *
     * @throws IllegalStateException if the client is not the one that this was written for
     */
    public static FetchGuard install(Consumer<?, ?> consumer, Bounds bounds) {
        FetchGuard guard = new FetchGuard(bounds);
        guard.access.queue(consumer, guard);
        return guard;
    }

    /** A poll begins. */
    public void begin() {
        spent = 0;
    }

    /** What has been kept from the client since the last time. */
    public List<RawFetch> taken() {
        if (taken.isEmpty()) {
            return List.of();
        }
        List<RawFetch> all = List.copyOf(taken);
        taken.clear();
        return all;
    }

    /** The next fetch for the client; null as well when it has been given enough for one poll. */
    @Override
    public @Nullable CompletedFetch peek() {
        while (true) {
            CompletedFetch head = super.peek();
            if (head == null || head.equals(passed) || access.begun(head)) {
                return head;
            }
            if (spent >= bounds.poll()) {
                return null;
            }
            RawFetch raw = access.raw(head);
            long inflated = inflated(raw);
            if (inflated <= bounds.poll()) {
                spent += inflated;
                passed = head;
                return head;
            }
            super.poll();
            taken.add(raw);
        }
    }

    /** What its records come to; more than any bound if the client must not have it. */
    private long inflated(RawFetch raw) {
        if (raw.error() != Errors.NONE) {
            return raw.error() == Errors.CORRUPT_MESSAGE ? Long.MAX_VALUE : 0;
        }
        long sum = 0;
        LogReader reader = new LogReader(raw, bounds.record());
        for (LogPiece each = reader.next(); each != null; each = reader.next()) {
            if (!(each instanceof LogPiece.Found found)) {
                return Long.MAX_VALUE;
            }
            sum += found.size();
            if (sum > bounds.poll()) {
                return sum;
            }
        }
        return sum;
    }
}
