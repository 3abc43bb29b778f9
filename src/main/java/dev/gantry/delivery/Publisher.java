package dev.gantry.delivery;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Puts records on Kafka and does not let go of one before the broker has it.
 *
 * <p>While a topic takes records they go straight to the producer on the caller's thread. Once one
 * fails, the topic's records queue up here and one thread tries them again, for ever, the same
 * bytes: a timeout means that nobody knows, and a record that comes twice carries the same id.
 */
public final class Publisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);
    private static final Outlet.Backoff BACKOFF =
            new Outlet.Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    /** How long the loop rests after a bug of ours, so that it does not fill the log. */
    private static final Duration REST = Duration.ofSeconds(1);

    private final RenewableProducer producer;
    private final Backlog backlog;
    private final Thread resender;
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong undeliverable = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();

    /** Nothing is outstanding. */
    private final Condition drained = lock.newCondition();

    private volatile @Nullable String lastError;
    private volatile boolean closed;

    /**
     * Starts publishing.
     *
     * @param producers makes the producer, and a new one should it break for good
     */
    public Publisher(Supplier<? extends Producer<byte[], byte[]>> producers) {
        this(producers, BACKOFF);
    }

    Publisher(Supplier<? extends Producer<byte[], byte[]>> producers, Outlet.Backoff backoff) {
        this.producer = new RenewableProducer(producers);
        this.backlog = new Backlog(backoff);
        this.resender = Thread.ofPlatform().name("gantry-resender").daemon().start(this::resend);
    }

    /**
     * How publishing goes.
     *
     * @param healthy whether every topic takes records
     * @param records not yet acknowledged
     * @param bytes of those records
     * @param undeliverable records given up since the start: the broker will never take them
     * @param lastError null while healthy
     */
    public record Status(
            boolean healthy,
            long records,
            long bytes,
            long undeliverable,
            @Nullable String lastError) {}

    /** For readiness and metrics. */
    public Status status() {
        boolean healthy = backlog.open();
        return new Status(
                healthy,
                records.get(),
                bytes.get(),
                undeliverable.get(),
                healthy ? null : lastError);
    }

    /**
     * The producer settings that this class counts on, beneath whatever the user sets.
     *
     * @param maxRequestSize bytes of the largest record
     */
    public static Map<String, Object> producerDefaults(int maxRequestSize) {
        return Map.of(
                "acks",
                "all",
                "enable.idempotence",
                true,
                "compression.type",
                "zstd",
                "max.request.size",
                maxRequestSize,
                "buffer.memory",
                Math.max(64L << 20, 2L * maxRequestSize),
                // A caller's thread waits this long at most, once, when the broker goes away.
                "max.block.ms",
                1000,
                // Sooner than the client's own: trying again is done here.
                "request.timeout.ms",
                10_000,
                "delivery.timeout.ms",
                30_000);
    }

    /**
     * Sends, and goes on until the broker has the record.
     *
     * @param onSafe run once, when the broker has it; must not block
     */
    public void send(OutboundRecord record, Runnable onSafe) {
        send(new Outbound(record, null), onSafe);
    }

    void send(Outbound outbound, Runnable onSafe) {
        Shipment shipment = new Shipment(outbound, onSafe);
        records.incrementAndGet();
        bytes.addAndGet(shipment.record().size());
        if (backlog.blocks(shipment)) {
            backlog.add(shipment);
        } else {
            dispatch(shipment);
        }
    }

    /** Sends the smaller form at once: the record is known to be too large. */
    void sendSmaller(Outbound outbound, Runnable onSafe) {
        Shipment shipment = new Shipment(outbound, onSafe);
        records.incrementAndGet();
        bytes.addAndGet(shipment.record().size());
        shrink(shipment, new RecordTooLargeException("it exceeds the limit of its topic"));
    }

    /** Asks where the topics are, so that no request's first record waits for the answer. */
    public void learn(Collection<String> topics) {
        topics.forEach(producer::learn);
    }

    /** True once nothing is outstanding; false if the time ran out first. */
    public boolean flush(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (records.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                left = drained.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives what is outstanding this long; the offsets of what is then left stay open. */
    public void close(Duration timeout) throws InterruptedException {
        if (!flush(timeout)) {
            log.atWarn()
                    .addKeyValue("records", records.get())
                    .log("closing before all records were acknowledged");
        }
        close();
    }

    /** At once. */
    @Override
    public void close() {
        closed = true;
        resender.interrupt();
        try {
            // So that it does not make a new producer behind our back.
            var _ = resender.join(REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }

    private void dispatch(Shipment shipment) {
        try {
            producer.send(
                    shipment.forProducer(),
                    cause -> {
                        if (cause == null) {
                            acknowledged(shipment);
                        } else {
                            failed(shipment, cause);
                        }
                    });
        } catch (InterruptException e) {
            // The caller was told to stop; its record was not.
            backlog.returned(shipment);
            backlog.add(shipment);
        }
    }

    private void acknowledged(Shipment shipment) {
        if (backlog.succeeded(shipment)) {
            log.atInfo()
                    .addKeyValue("topic", shipment.record().topic())
                    .log("topic takes records again");
        }
        settle(shipment);
    }

    /** Counted out before the owner hears of it: whoever it wakes sees true figures. */
    private void settle(Shipment shipment) {
        if (!shipment.settles()) {
            return;
        }
        bytes.addAndGet(-shipment.record().size());
        boolean last = records.decrementAndGet() == 0;
        try {
            shipment.safe();
        } finally {
            if (last) {
                signalDrained();
            }
        }
    }

    private void failed(Shipment shipment, Exception cause) {
        switch (SendFailure.of(cause)) {
            case TOO_LARGE -> shrink(shipment, cause);
            case REJECTED -> giveUp(shipment, cause);
            case PRODUCER_BROKEN, UNAVAILABLE -> hold(shipment, cause);
        }
    }

    private void hold(Shipment shipment, Exception cause) {
        String topic = shipment.record().topic();
        lastError = topic + ": " + cause;
        if (backlog.failed(shipment, cause)) {
            log.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("cause", cause.toString())
                    .log("topic takes no records; they wait here and are tried again");
        }
    }

    private void shrink(Shipment shipment, Exception cause) {
        if (shipment.shrinks(smaller -> replace(shipment, smaller))) {
            backlog.returned(shipment);
        } else {
            giveUp(shipment, cause);
        }
    }

    private void replace(Shipment shipment, Shipment smaller) {
        bytes.addAndGet(smaller.record().size() - shipment.record().size());
        // Queued, not sent: this may be the producer's own thread, which must not block.
        backlog.add(smaller);
    }

    /** Kept, it would hold its request's offset for ever; so it is counted and said aloud. */
    private void giveUp(Shipment shipment, Exception cause) {
        backlog.returned(shipment);
        undeliverable.incrementAndGet();
        log.atError()
                .addKeyValue("record", shipment.record())
                .addKeyValue("cause", cause.toString())
                .log("record lost: the broker will never take it");
        settle(shipment);
    }

    private void signalDrained() {
        lock.lock();
        try {
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void resend() {
        while (!closed) {
            try {
                resend(backlog.awaitNext());
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                log.atError().setCause(e).log("resending failed; it goes on");
                LockSupport.parkNanos(REST.toNanos());
            }
        }
    }

    private void resend(Shipment shipment) {
        try {
            producer.mend();
            dispatch(shipment);
        } catch (RuntimeException e) {
            // No new producer to be had, whatever the reason: the record stays.
            hold(shipment, e);
        }
    }
}
