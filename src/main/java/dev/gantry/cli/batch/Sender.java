package dev.gantry.cli.batch;

import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.batch.LineReader.Line;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.ExpectedIds;
import dev.gantry.cli.result.Unsent;
import dev.gantry.request.RequestLine;
import dev.gantry.request.RequestLine.Legible;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Puts the lines of a checked file on the requests topic, on a thread of its own. */
public final class Sender implements AutoCloseable {
    static final String BATCH_HEADER = "gantry-batch-id";

    // What an interrupted submission still gives the broker for what it has taken in.
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final Load load;
    private final Producer<byte[], byte[]> producer;
    private final List<Header> headers;
    private final SentPositions sentPositions = new SentPositions();
    private final Queue<Unsent> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Thread thread;
    private volatile boolean unplaced;
    private volatile long lastLine;
    private volatile @Nullable String trouble;

    private Sender(Load load, Producer<byte[], byte[]> producer) {
        this.load = load;
        this.producer = producer;
        this.headers =
                List.of(
                        new RecordHeader(
                                BATCH_HEADER,
                                load.batch().value().getBytes(StandardCharsets.US_ASCII)),
                        new RecordHeader(SendMark.HEADER, load.mark().header()));
        this.thread = Thread.ofVirtual().name("sender").unstarted(this::send);
    }

    /**
     * What is to be sent.
     *
     * @param checked the part of the file that the check has seen
     * @param expectedIds the ids of its lines
     */
    record Load(
            BatchFile file,
            LineReader.Extent checked,
            BatchId batch,
            SendMark mark,
            String topic,
            ExpectedIds expectedIds) {
        long lines() {
            return mark.requests();
        }
    }

    static Sender start(Load load, Producer<byte[], byte[]> producer) {
        var sender = new Sender(load, producer);
        sender.thread.start();
        return sender;
    }

    /** Lines that the broker has. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** The last line that was handed over; those after it were not sent. */
    long lastLine() {
        return lastLine;
    }

    /** Whether each line has been taken or refused. */
    boolean finished() {
        return !thread.isAlive();
    }

    /** Why sending ended early, null if it did not. */
    @Nullable String trouble() {
        return trouble;
    }

    /** Where the lines stand that the broker has. */
    Receipt receipt() {
        boolean complete = finished() && trouble == null && !unplaced;
        return new Receipt(load.batch(), load.mark(), load.topic(), sentPositions, complete);
    }

    /** The next line that was not taken, null if there is none. */
    @Nullable Unsent pollUnsent() {
        return unsent.poll();
    }

    private void send() {
        try (LineReader reader = load.file().open(load.checked())) {
            for (Line line = reader.next(); line != null; line = reader.next()) {
                handOver(line);
            }
            producer.flush();
            if (!reader.extent().equals(load.checked())) {
                throw new FileChanged();
            }
        } catch (IOException e) {
            trouble = "cannot read %s: %s".formatted(load.file().name(), FileTrouble.of(e));
        } catch (InterruptException e) {
            trouble = "interrupted";
        } catch (FileChanged e) {
            trouble = load.file().name() + " changed while it was sent";
        } catch (RuntimeException | Error e) {
            // Whatever it is, the other thread must not wait for what will never be sent.
            trouble = "sending failed: " + FileTrouble.root(e);
        } finally {
            boolean _ = Thread.interrupted(); // else close would give up at once
            producer.close(CLOSE_PATIENCE);
        }
    }

    private void handOver(Line line) throws FileChanged {
        if (!(RequestLine.parse(line.bytes()) instanceof Legible(String customId, _))
                || !load.expectedIds().handOver(customId)) {
            throw new FileChanged();
        }
        String key = load.batch().keyPrefix() + customId;
        var request =
                new ProducerRecord<>(
                        load.topic(),
                        null,
                        key.getBytes(StandardCharsets.UTF_8),
                        line.bytes(),
                        headers);
        lastLine = line.number();
        try {
            // The callback says what became of it.
            Future<?> _ =
                    producer.send(
                            request,
                            (metadata, failure) -> {
                                if (failure == null) {
                                    settle(customId, metadata);
                                } else {
                                    settle(line.number(), customId, failure);
                                }
                            });
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            settle(line.number(), customId, e);
        }
    }

    private void settle(String customId, RecordMetadata taken) {
        if (taken.hasOffset()) {
            sentPositions.add(taken.partition(), taken.offset());
            load.expectedIds()
                    .stands(
                            customId,
                            new ExpectedIds.Place(
                                    taken.partition(), taken.offset(), taken.timestamp()));
        } else {
            // Sent twice, and the broker no longer knew where the first one stands.
            unplaced = true;
            load.expectedIds().stands(customId, null);
        }
        acknowledged.incrementAndGet();
    }

    private void settle(long line, String customId, Exception failure) {
        unsent.add(new Unsent(line, customId, reason(failure)));
    }

    private static String reason(Exception failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /** Gives up what the producer has not taken, and waits for what it has. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(CLOSE_PATIENCE.plusSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class FileChanged extends Exception {}
}
