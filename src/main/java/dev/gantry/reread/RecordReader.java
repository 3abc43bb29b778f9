package dev.gantry.reread;

import dev.gantry.memory.Exhaustion;
import dev.gantry.reread.PendingRead.Answer;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Reads single records again: those of requests that waited for a lane without their bodies. One
 * thread with one consumer serves all callers, in the order of offsets, so that many reads of a
 * partition are about one pass over it.
 *
 * <p>The thread is none of the background loops: the first read starts it, and its end, whatever
 * the reason, frees all who wait.
 */
public final class RecordReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordReader.class);

    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final FetchGuard.Bounds bounds;
    private final Patience patience;
    private final PendingReads reads = new PendingReads();
    private final AtomicBoolean started = new AtomicBoolean();

    /** Said once; used by the thread only. */
    private String lastTrouble = "";

    /**
     * How long the reader bears with what.
     *
     * @param idle after which an unused consumer, which keeps connections open, is closed
     * @param silence of a partition, after which it is asked for in the metadata
     * @param rest after a failure
     */
    record Patience(Duration idle, Duration silence, Duration rest) {
        static final Patience USUAL =
                new Patience(Duration.ofMinutes(1), Duration.ofSeconds(5), Duration.ofMillis(500));
    }

    public RecordReader(Supplier<Consumer<byte[], byte[]>> consumers, FetchGuard.Bounds bounds) {
        this(consumers, bounds, Patience.USUAL);
    }

    /**
     * @param consumers makes a consumer with {@link RefetchPass#properties}
     */
    public RecordReader(
            Supplier<Consumer<byte[], byte[]>> consumers,
            FetchGuard.Bounds bounds,
            Patience patience) {
        this.consumers = consumers;
        this.bounds = bounds;
        this.patience = patience;
    }

    /**
     * Waits for the record, while the broker is away too.
     *
     * @throws RecordGone if the broker no longer has it
     * @throws InterruptedException also if the reader is closed: the record may well be there
     */
    public ConsumerRecord<byte[], byte[]> read(TopicPartition partition, long offset)
            throws InterruptedException, RecordGone {
        PendingRead read = reads.add(partition, offset);
        if (started.compareAndSet(false, true)) {
            Thread.ofPlatform().name("record-reader").daemon().start(this::run);
        }
        return switch (answer(read)) {
            case Answer.Found(var record) -> record;
            case Answer.Gone _ -> throw new RecordGone(partition, offset);
            case Answer.Failed(var cause) ->
                    throw new IllegalStateException(
                            "%s@%d cannot be read again".formatted(partition, offset), cause);
            case Answer.Withdrawn _ -> throw new InterruptedException("the reader is closed");
        };
    }

    private Answer answer(PendingRead read) throws InterruptedException {
        try {
            return read.await();
        } catch (InterruptedException e) {
            reads.withdraw(read);
            throw e;
        }
    }

    /** Frees all who wait. */
    @Override
    public void close() {
        reads.close();
    }

    private void run() {
        try {
            while (reads.await()) {
                serve();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            // Whatever ended the thread, nobody waits for it.
            reads.close();
        }
    }

    /** The loop's top: with one consumer, until nobody waits for anything or it fails. */
    private void serve() throws InterruptedException {
        try {
            Consumer<byte[], byte[]> consumer = open();
            try {
                serve(new RefetchPass(consumer, bounds, reads, patience.silence()));
            } finally {
                consumer.close(CloseOptions.timeout(CLOSING));
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (ApiException e) {
            // Away, restarting, not allowed to: what the broker says may change.
            later(e);
        } catch (Throwable e) {
            Exhaustion.check(e);
            reads.failed(e);
            later(e);
        }
    }

    private Consumer<byte[], byte[]> open() {
        try {
            return consumers.get();
        } catch (KafkaException e) {
            // Intake's consumer was made of the same properties: it is a name that does not resolve
            // now, or the like, and waits as for a broker that is away.
            throw new ApiException(e.getMessage(), e);
        }
    }

    private void serve(RefetchPass reading) throws InterruptedException {
        while (reads.await(patience.idle())) {
            reading.pass();
            if (reading.answered()) {
                lastTrouble = "";
            }
        }
    }

    private void later(Throwable trouble) throws InterruptedException {
        String reason = trouble.toString();
        if (!reason.equals(lastTrouble)) {
            lastTrouble = reason;
            log.atWarn().addKeyValue("reason", reason).log("reading again failed; it is repeated");
        }
        Thread.sleep(patience.rest());
    }
}
