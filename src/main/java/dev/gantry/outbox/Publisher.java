package dev.gantry.outbox;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.concurrent.Backoff;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Puts records on Kafka, or in PostgreSQL while Kafka does not take them, and does not let go of
 * one before it is safe in either place.
 *
 * <p>While a topic takes records they go straight to the producer on the caller's thread. Once it
 * does not, or the whole broker is silent, they go to the spool, and what the producer gives back
 * goes there as well. Without a spool, or while the database is away too, they wait here and are
 * tried again, for ever, the same bytes: a timeout means that nobody knows, and a record that comes
 * twice carries the same id.
 */
public final class Publisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private final RenewableProducer producer;
    private final RetryQueue retries;
    private final Outstanding outstanding = new Outstanding();
    private final @Nullable Spool spool;
    private final BackgroundLoop resender;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong undeliverable = new AtomicLong();

    private volatile @Nullable String lastError;

    /**
     * Starts publishing, without a spool.
     *
     * @param producers makes the producer, and a new one should it break for good
     */
    public Publisher(Supplier<? extends Producer<byte[], byte[]>> producers) {
        this(producers, BACKOFF, null, InstantSource.system());
    }

    /** Starts publishing; the spool is not touched before {@link #startSpooling}. */
    public Publisher(
            Supplier<? extends Producer<byte[], byte[]>> producers,
            SpoolSettings spool,
            InstantSource clock) {
        this(producers, BACKOFF, spool, clock);
    }

    Publisher(
            Supplier<? extends Producer<byte[], byte[]>> producers,
            Backoff backoff,
            @Nullable SpoolSettings spool,
            InstantSource clock) {
        this.producer = new RenewableProducer(producers);
        this.retries = new RetryQueue(backoff, clock);
        this.spool =
                spool == null ? null : new Spool(spool, retries, outstanding, producer, taken::get);
        this.resender =
                BackgroundLoop.waiting("gantry-resender", () -> resend(retries.awaitNext()));
        resender.start();
    }

    /** Once, when the database has the spool's tables. */
    public void startSpooling() {
        if (spool != null) {
            spool.start();
        }
    }

    /**
     * How publishing goes.
     *
     * @param healthy whether every topic takes records
     * @param records not yet safe in either place
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
        boolean healthy = retries.open();
        return new Status(
                healthy,
                outstanding.records(),
                outstanding.bytes(),
                undeliverable.get(),
                healthy ? null : lastError);
    }

    /** What this worker knows of the spool; all zero without one. */
    public SpoolStatus spool() {
        return spool == null ? SpoolStatus.NONE : spool.status();
    }

    /** Since when the broker has not answered; empty while it does. */
    public Optional<Instant> brokerDownSince() {
        return Optional.ofNullable(retries.downSince());
    }

    /**
     * Bytes of memory that records take which are not yet safe in either place: the producer has a
     * copy of each in its buffer.
     */
    public long outstandingMemory() {
        return 2 * outstanding.bytes();
    }

    /** Once: runs, on any thread, when fewer bytes are outstanding; must not block. */
    public void onLess(Runnable then) {
        outstanding.onLess(then);
    }

    /** Bytes that weigh on intake: those that are nowhere safe; no end of them once all is full. */
    public long burden() {
        return spool != null && spool.full() ? Long.MAX_VALUE : outstanding.bytes();
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
                // What comes within linger.ms fits one batch: each has a compressor of its own.
                "batch.size",
                32 << 10,
                // A caller's thread waits this long at most, once, when the broker goes away.
                "max.block.ms",
                100,
                // A topic's place is not forgotten for being unused: its next record would wait.
                "metadata.max.idle.ms",
                Duration.ofDays(1).toMillis(),
                "request.timeout.ms",
                5_000,
                // A new leader is mostly found within three seconds; who waits much longer holds up
                // every call for its write-ahead when the broker is really gone.
                "delivery.timeout.ms",
                10_000);
    }

    /**
     * Sends, and goes on until the record is safe.
     *
     * @param onSafe run once, when broker or spool has it; must not block
     */
    public void send(OutboundRecord record, Runnable onSafe) {
        send(new Outbound(record, null), onSafe, null);
    }

    /**
     * Sends a record, and counts it until it is safe.
     *
     * @param acks that {@code onSafe} counts down; null: the record belongs to no request
     */
    public void send(Outbound outbound, Runnable onSafe, @Nullable PendingAcks acks) {
        PendingRecord pending = new PendingRecord(outbound, onSafe, acks);
        outstanding.add(pending);
        if (retries.blocks(pending)) {
            retries.add(pending);
        } else {
            dispatch(pending);
        }
    }

    /** Sends the smaller form at once: the record is known to be too large. */
    public void sendSmaller(Outbound outbound, Runnable onSafe, @Nullable PendingAcks acks) {
        PendingRecord pending = new PendingRecord(outbound, onSafe, acks);
        outstanding.add(pending);
        shrink(pending, new RecordTooLargeException("it exceeds the limit of its topic"));
    }

    /**
     * Makes the producer if it could not be made at once.
     *
     * @throws org.apache.kafka.common.KafkaException if it cannot be made now either
     */
    public void open() {
        producer.mend();
    }

    /** Asks where the topics are, so that no request's first record waits for the answer. */
    public void learn(Collection<String> topics) {
        topics.forEach(producer::learn);
    }

    /** True once nothing is outstanding; false if the time ran out first. */
    public boolean flush(Duration timeout) throws InterruptedException {
        return outstanding.awaitNone(timeout);
    }

    /** Gives what is outstanding this long; the offsets of what is then left stay open. */
    public void close(Duration timeout) throws InterruptedException {
        if (!flush(timeout)) {
            log.atWarn()
                    .addKeyValue("records", outstanding.records())
                    .log("closing before all records were safe");
        }
        close();
    }

    /** At once. */
    @Override
    public void close() {
        // First, so that it does not make a new producer behind our back.
        if (spool != null) {
            spool.close();
        }
        resender.close();
        producer.close();
    }

    private void dispatch(PendingRecord pending) {
        pending.leaves(System.nanoTime());
        try {
            producer.send(
                    pending.forProducer(),
                    cause -> {
                        if (cause == null) {
                            acknowledged(pending);
                        } else {
                            failed(pending, cause);
                        }
                    });
        } catch (InterruptException e) {
            // The caller was told to stop; its record was not.
            retries.returned(pending);
            retries.add(pending);
        }
    }

    private void acknowledged(PendingRecord pending) {
        retries.succeeded(pending);
        taken.incrementAndGet();
        outstanding.settle(pending);
    }

    private void failed(PendingRecord pending, Exception cause) {
        switch (SendFailure.of(cause)) {
            case TOO_LARGE -> shrink(pending, cause);
            case REJECTED -> giveUp(pending, cause);
            case PRODUCER_BROKEN, SILENCE, UNAVAILABLE -> hold(pending, cause);
        }
    }

    private void hold(PendingRecord pending, Exception cause) {
        lastError = pending.topic() + ": " + cause;
        retries.failed(pending, cause);
    }

    private void shrink(PendingRecord pending, Exception cause) {
        if (pending.shrinks(smaller -> replace(pending, smaller))) {
            retries.returned(pending);
        } else {
            giveUp(pending, cause);
        }
    }

    private void replace(PendingRecord pending, PendingRecord smaller) {
        outstanding.replaced(pending, smaller);
        // Queued, not sent: this may be the producer's own thread, which must not block.
        retries.add(smaller);
    }

    /** The spool keeps it for an operator to see; without one it is counted and said aloud. */
    private void giveUp(PendingRecord pending, Exception cause) {
        retries.returned(pending);
        log.atError()
                .addKeyValue("record", pending.record())
                .addKeyValue("cause", cause.toString())
                .log(
                        spool == null
                                ? "record lost: the broker will never take it"
                                : "record set aside: the broker will never take it");
        if (spool == null) {
            undeliverable.incrementAndGet();
            outstanding.settle(pending);
        } else {
            retries.refuse(pending, cause.toString());
        }
    }

    private void resend(PendingRecord pending) {
        try {
            producer.mend();
            dispatch(pending);
        } catch (RuntimeException e) {
            // No new producer to be had, whatever the reason: the record stays.
            hold(pending, e);
        }
    }
}
