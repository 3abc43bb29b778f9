package dev.gantry.event;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A record on its way out, and what to send instead should the broker find it too large.
 *
 * @param shrinking null: it has no smaller form
 */
public record Outbound(OutboundRecord record, @Nullable Shrinking shrinking) {
    /** How the smaller form comes about. */
    public interface Shrinking {
        /**
         * Must not block, for the caller may be the producer's own thread.
         *
         * @param ready called once, here or on another thread later
         */
        void begin(Consumer<OutboundRecord> ready);
    }

    /** The smaller form is there as soon as somebody asks. */
    public static Outbound of(OutboundRecord record, Supplier<OutboundRecord> smaller) {
        return new Outbound(record, ready -> ready.accept(smaller.get()));
    }
}
