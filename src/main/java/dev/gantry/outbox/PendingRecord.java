package dev.gantry.outbox;

import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A record under way and who waits for it. */
final class PendingRecord {
    /** Tickets that follow each other stand together in the index. */
    private static final long PROCESS = new SecureRandom().nextLong();

    private static final AtomicLong TICKETS = new AtomicLong();

    private final Outbound outbound;
    private final Runnable onSafe;
    private final @Nullable PendingAcks acks;

    /** A record is safe once, though it may arrive twice. */
    private final AtomicBoolean settled = new AtomicBoolean();

    /** When it was last given to the producer; whoever has the record in hand writes it. */
    private volatile long sentNanos;

    /** Written under the publisher's lock. */
    private volatile boolean probe;

    /** Why the broker will never take it; null: it may. Guarded by the publisher's lock. */
    private @Nullable String refusal;

    /** What the spool knows it by; only the spooling thread asks. */
    private @Nullable UUID ticket;

    /**
     * @param onSafe run once the record is safe
     * @param acks that {@code onSafe} counts down; null: it belongs to no request
     */
    PendingRecord(Outbound outbound, Runnable onSafe, @Nullable PendingAcks acks) {
        this.outbound = outbound;
        this.onSafe = onSafe;
        this.acks = acks;
    }

    OutboundRecord record() {
        return outbound.record();
    }

    String topic() {
        return outbound.record().topic();
    }

    @Nullable PendingAcks acks() {
        return acks;
    }

    UUID ticket() {
        UUID known = ticket;
        if (known == null) {
            known = new UUID(PROCESS, TICKETS.getAndIncrement());
            ticket = known;
        }
        return known;
    }

    /** Always the same bytes: sent twice, it is the same event twice. */
    ProducerRecord<byte[], byte[]> forProducer() {
        return outbound.record().forProducer();
    }

    /** Begins to make what is sent instead of a record that is too large; false: nothing is. */
    boolean shrinks(Consumer<PendingRecord> ready) {
        Outbound.Shrinking shrinking = outbound.shrinking();
        if (shrinking == null) {
            return false;
        }
        shrinking.begin(
                smaller ->
                        ready.accept(new PendingRecord(new Outbound(smaller, null), onSafe, acks)));
        return true;
    }

    void leaves(long nanos) {
        sentNanos = nanos;
    }

    long sentNanos() {
        return sentNanos;
    }

    /** True the first time. */
    boolean settles() {
        return settled.compareAndSet(false, true);
    }

    void safe() {
        onSafe.run();
    }

    void probes() {
        probe = true;
    }

    /** Read without the lock, by whom its end is told. */
    boolean probing() {
        return probe;
    }

    /** True if it was a probe. */
    boolean returns() {
        boolean was = probe;
        probe = false;
        return was;
    }

    void refused(String reason) {
        refusal = reason;
    }

    @Nullable String refusal() {
        return refusal;
    }
}
