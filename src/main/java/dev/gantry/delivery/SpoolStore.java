package dev.gantry.delivery;

import dev.gantry.inference.SourcePosition;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where records wait, byte for byte, while the broker does not take them. Every method may throw
 * any {@link RuntimeException} while the store is away; what it was asked then has not happened, or
 * has happened and is done again: a record that comes twice carries the same id.
 */
public interface SpoolStore {
    /**
     * A record on its way into the spool.
     *
     * @param done the request that ends with it, which must not be worked on again; null: none
     */
    record Entry(OutboundRecord record, @Nullable SourcePosition done) {}

    /**
     * How much there is to publish.
     *
     * @param oldest age of the first of them; null: there is none
     * @param setAside records that the broker will never take
     */
    record Depth(long records, long bytes, @Nullable Duration oldest, long setAside) {
        static final Depth NONE = new Depth(0, 0, null, 0);
    }

    /**
     * What may be taken out at once.
     *
     * @param without topics that take nothing at present
     */
    record Claim(int records, long bytes, Set<String> without) {}

    /** What became of a record taken out; one that is not told of stays. */
    sealed interface Fate {
        record Published() implements Fate {}

        /** The broker will never take it. */
        record SetAside(String reason) implements Fate {}
    }

    /** Carries records to the broker. */
    interface Carrier {
        Map<Long, Fate> carry(Map<Long, OutboundRecord> records) throws InterruptedException;
    }

    /**
     * What a drain came to.
     *
     * @param claimed 0: there was nothing that may be published now and that no other worker holds
     */
    record Drained(int claimed, int published, int setAside) {}

    /** Returns once all of them are kept, in one transaction. */
    void keep(List<Entry> entries);

    /** Takes some out, the oldest first, that no other worker holds; they go when published. */
    Drained drain(Claim claim, Carrier carrier) throws InterruptedException;

    Depth depth();
}
