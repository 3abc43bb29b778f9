package dev.gantry.cli.batch;

import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.BatchMeter;
import dev.gantry.cli.result.ExpectedIds;
import dev.gantry.concurrent.BackgroundLoop;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Reads what workers say of a batch on the metering and routing topics, beside its results: what
 * its calls cost, whoever made them, and what its requests wait for. Where the broker does not let
 * us, the batch is gathered all the same.
 */
final class MeterFollower implements AutoCloseable {
    private static final String WAITING = "dev.gantry.routing.waiting.v1";
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** A call's reading leaves before its result, but may come after it. */
    private static final Duration STRAGGLERS = Duration.ofSeconds(2);

    /** Without any record for so long, the end is not going to be reached. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Session session;
    private final byte[] keyPrefix;
    private final BatchMeter meter;
    private final @Nullable BatchFeed feed;
    private final BackgroundLoop loop = BackgroundLoop.waiting("meter", this::pass);
    private volatile @Nullable String trouble;
    private volatile @Nullable Instant asked;
    private volatile boolean read;
    private volatile Instant moved;

    private MeterFollower(
            Session session,
            BatchId batch,
            ExpectedIds expectedIds,
            Function<Consumer<byte[], byte[]>, BatchFeed> opening) {
        this.session = session;
        this.keyPrefix = batch.keyPrefix().getBytes(StandardCharsets.US_ASCII);
        this.meter = new BatchMeter(batch, expectedIds);
        this.moved = session.clock().instant();
        this.feed = open(opening);
    }

    /** From where the opening begins; returns once that is known. */
    static MeterFollower start(
            Session session,
            BatchId batch,
            ExpectedIds expectedIds,
            Function<Consumer<byte[], byte[]>, BatchFeed> opening) {
        var follower = new MeterFollower(session, batch, expectedIds, opening);
        follower.loop.start();
        return follower;
    }

    private @Nullable BatchFeed open(Function<Consumer<byte[], byte[]>, BatchFeed> opening) {
        Consumer<byte[], byte[]> consumer = session.broker().openConsumer();
        try {
            BatchFeed opened = opening.apply(consumer);
            if (opened.reads(session.broker().metering())) {
                return opened;
            }
            trouble = "it does not exist";
        } catch (KafkaException e) {
            trouble = BrokerWatch.message(e);
        }
        consumer.close();
        return null;
    }

    private void pass() throws InterruptedException {
        if (feed == null || trouble != null) {
            Thread.sleep(PAUSE);
            return;
        }
        try {
            for (ConsumerRecord<byte[], byte[]> record : feed.poll()) {
                moved = session.clock().instant();
                take(record);
            }
            Instant since = asked;
            read = since != null && feed.stillCaughtUp() && isAll(since);
        } catch (InterruptException _) {
            boolean _ = Thread.interrupted();
            throw new InterruptedException();
        } catch (KafkaException e) {
            trouble = BrokerWatch.message(e);
        }
    }

    private boolean isAll(Instant since) {
        return meter.open() == 0
                || session.stopped()
                || session.clock().instant().isAfter(since.plus(STRAGGLERS));
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        byte[] key = record.key();
        byte[] value = record.value();
        if (key == null || value == null || !startsWith(key)) {
            return;
        }
        if (record.topic().equals(session.broker().metering())) {
            meter.take(value, session.clock().instant());
            return;
        }
        Header type = record.headers().lastHeader("ce_type");
        if (type != null && WAITING.equals(new String(type.value(), StandardCharsets.UTF_8))) {
            meter.waits(value, session.clock().instant());
        }
    }

    private boolean startsWith(byte[] key) {
        return key.length >= keyPrefix.length
                && Arrays.equals(key, 0, keyPrefix.length, keyPrefix, 0, keyPrefix.length);
    }

    /** What requests wait for, as far as that can be told; null: nothing is known to hold them. */
    @Nullable String waiting(long unanswered) {
        return meter.waiting(unanswered, session.clock().instant());
    }

    /** The sums once all is read; null where the topic cannot be read to its end. */
    BatchMeter.@Nullable Sums sums() {
        moved = session.clock().instant();
        asked = moved;
        Instant stop = moved.plus(STRAGGLERS);
        while (!read && trouble == null) {
            Instant now = session.clock().instant();
            if (!now.isBefore(session.stopped() ? stop : moved.plus(PATIENCE))) {
                return null;
            }
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return read ? meter.sums() : null;
    }

    @Override
    public void close() {
        loop.close();
        if (feed != null) {
            feed.close();
        }
    }
}
