package dev.gantry.delivery;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicBoolean;

/** A record under way and who waits for it. */
final class Shipment {
    private final Outbound outbound;
    private final Runnable onSafe;

    /** A record is safe once, though it may arrive twice. */
    private final AtomicBoolean settled = new AtomicBoolean();

    /** Written under the publisher's lock. */
    private volatile boolean probe;

    Shipment(Outbound outbound, Runnable onSafe) {
        this.outbound = outbound;
        this.onSafe = onSafe;
    }

    OutboundRecord record() {
        return outbound.record();
    }

    /** Always the same bytes: sent twice, it is the same event twice. */
    ProducerRecord<byte[], byte[]> forProducer() {
        return outbound.record().forProducer();
    }

    /** What to send instead of a record that is too large; null: nothing. */
    @Nullable Shipment smaller() {
        return outbound.smaller() == null
                ? null
                : new Shipment(new Outbound(outbound.smaller().get(), null), onSafe);
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
}
