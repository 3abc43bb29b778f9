package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

/**
 * Who is expected, where each one's request stands, and who has answered, by custom id.
 *
 * <p>Guarded by itself: the sender's callbacks tell it where requests came to stand.
 */
public final class ExpectedIds {
    private static final long EXPECTED = 1L << 63;
    private static final long HANDED_OVER = 1L << 62;
    private static final long PLACED = 1L << 61;
    private static final long NOWHERE = 1L << 60;
    private static final long ANSWERED = 1L << 59;
    private static final long OFFSET = (1L << 56) - 1;
    // The second word: 44 bits of milliseconds, 20 of a partition.
    private static final int PARTITION_BITS = 20;
    private static final int PARTITION = (1 << PARTITION_BITS) - 1;

    private final Fingerprints ids = new Fingerprints(2);
    private int expected;
    private int answered;
    private int pending;

    /** Where a record stands; the timestamp is the record's. */
    public record Place(int partition, long offset, long timestamp) {}

    /** What is known of an id. */
    sealed interface Standing {
        record Unknown() implements Standing {}

        /** Expected; its request is still on its way to the topic. */
        record Underway() implements Standing {}

        /**
         * Its request is on the topic, and its answer open.
         *
         * @param place null where the broker did not say
         */
        record Open(@Nullable Place place) implements Standing {}

        record Answered() implements Standing {}
    }

    /** Whether the id is new to the roll. */
    public synchronized boolean expect(String customId) {
        int at = ids.put(customId);
        boolean fresh = !has(at, EXPECTED);
        if (fresh) {
            set(at, EXPECTED);
            expected++;
            pending += has(at, ANSWERED) ? 0 : 1;
        }
        return fresh;
    }

    /**
     * Expects the answer to the request at that place; of several with one id, to the one that was
     * sent first.
     *
     * @return whether the id is new to the roll
     */
    public synchronized boolean expect(String customId, Place place) {
        boolean fresh = expect(customId);
        int at = ids.find(customId);
        boolean first = fresh || place.timestamp() < place(at).timestamp();
        if (first && !has(at, ANSWERED)) {
            put(at, place);
        }
        return fresh;
    }

    public synchronized boolean expects(String customId) {
        int at = ids.find(customId);
        return at >= 0 && has(at, EXPECTED);
    }

    /** Whether the id is expected and is handed over for the first time. */
    public synchronized boolean handOver(String customId) {
        int at = ids.find(customId);
        if (at < 0 || !has(at, EXPECTED) || has(at, HANDED_OVER)) {
            return false;
        }
        set(at, HANDED_OVER);
        return true;
    }

    /** An expected one's request has come to stand there; null: somewhere on the topic. */
    public synchronized void stands(String customId, @Nullable Place place) {
        int at = ids.find(customId);
        if (place == null) {
            set(at, NOWHERE);
        } else {
            put(at, place);
        }
    }

    synchronized Standing standing(String customId) {
        int at = ids.find(customId);
        if (at < 0) {
            return new Standing.Unknown();
        }
        if (has(at, ANSWERED)) {
            return new Standing.Answered();
        }
        if (has(at, PLACED)) {
            return new Standing.Open(place(at));
        }
        return has(at, NOWHERE) ? new Standing.Open(null) : new Standing.Underway();
    }

    /**
     * Whether the request at that place may be the id's: false if it is known to stand elsewhere.
     */
    synchronized boolean mayStandAt(String customId, int partition, long offset) {
        int at = ids.find(customId);
        if (at < 0 || !has(at, EXPECTED)) {
            return false;
        }
        Place place = has(at, PLACED) ? place(at) : null;
        return place == null || (place.partition() == partition && place.offset() == offset);
    }

    /** Whether this is the id's first answer; a batch that reads itself twice counts it once. */
    synchronized boolean answer(String customId) {
        int at = ids.put(customId);
        boolean first = !has(at, ANSWERED);
        if (first) {
            set(at, ANSWERED);
            answered++;
            pending -= has(at, EXPECTED) ? 1 : 0;
        }
        return first;
    }

    /** Everybody heard of: expected, or answered without having been expected. */
    public synchronized int size() {
        return ids.size();
    }

    public synchronized int expected() {
        return expected;
    }

    synchronized int answered() {
        return answered;
    }

    public synchronized int pending() {
        return pending;
    }

    private boolean has(int at, long flag) {
        return (ids.data(at, 0) & flag) != 0;
    }

    private void set(int at, long flags) {
        ids.data(at, 0, ids.data(at, 0) | flags);
    }

    private void put(int at, Place place) {
        ids.data(at, 0, (ids.data(at, 0) & ~OFFSET) | PLACED | place.offset());
        ids.data(at, 1, (place.timestamp() << PARTITION_BITS) | place.partition());
    }

    private Place place(int at) {
        long second = ids.data(at, 1);
        return new Place(
                (int) second & PARTITION, ids.data(at, 0) & OFFSET, second >> PARTITION_BITS);
    }
}
