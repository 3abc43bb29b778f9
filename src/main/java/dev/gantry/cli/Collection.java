package dev.gantry.cli;

import dev.gantry.cli.Session.BrokerRefused;
import dev.gantry.cli.Verdict.Broken;
import dev.gantry.cli.Verdict.Complete;
import dev.gantry.cli.Verdict.Interrupted;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A batch submitted earlier, gathered: the requests topic says who is in it, the other who
 * answered.
 */
final class Collection {
    // The id's time is the submitter's clock, a record's that of its producer.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final Session session;
    private final BatchId batch;
    private final BatchOptions options;
    private final Harvest harvest;
    // Until both topics have been read, nobody knows how large the batch is.
    private boolean reading = true;

    Collection(Session session, BatchId batch, BatchOptions options, Harvest harvest) {
        this.session = session;
        this.batch = batch;
        this.options = options;
        this.harvest = harvest;
    }

    ExitCode run() throws IOException, BrokerRefused {
        Optional<BatchFeed> feed = session.openFeed(this::openFeed);
        if (feed.isEmpty()) {
            return new Interrupted().conclude(session.terminal(), harvest, batch, options);
        }
        Verdict verdict;
        try (BatchFeed records = feed.get()) {
            verdict = gather(records);
        } catch (KafkaException e) {
            verdict = new Broken("the broker refuses: " + BrokerWatch.message(e));
        }
        if (verdict instanceof Complete && harvest.roll().size() == 0) {
            session.terminal().note("collect: " + unknownBatch());
            return ExitCode.USAGE;
        }
        return verdict.conclude(session.terminal(), harvest, batch, options);
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        BrokerAccess broker = session.broker();
        Optional<Instant> start =
                batch.submittedAt(session.clock().instant()).map(time -> time.minus(CLOCK_SKEW));
        return BatchFeed.since(
                start, consumer, List.of(broker.requests(), broker.results()), session.clock());
    }

    private Verdict gather(BatchFeed feed) throws IOException {
        while (!session.stopped()) {
            for (ConsumerRecord<byte[], byte[]> record : feed.poll()) {
                take(record);
            }
            harvest.flush();
            show(feed);
            // Asked twice: requests may have been sent since the collecting began.
            if (harvest.roll().pending() == 0 && feed.caughtUp() && feed.stillCaughtUp()) {
                return new Complete();
            }
        }
        return new Interrupted();
    }

    private void show(BatchFeed feed) {
        reading = reading && !feed.caughtUp();
        if (reading) {
            session.showReading(harvest.roll().expected(), harvest.roll().answered());
        } else {
            session.show(harvest.standing(harvest.roll().size()));
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) throws IOException {
        boolean ours =
                record.topic().equals(session.broker().requests())
                        ? harvest.takeRequest(record)
                        : harvest.takeResult(record);
        if (ours) {
            harvest.tally().happened(Instant.ofEpochMilli(record.timestamp()));
        }
    }

    private String unknownBatch() {
        return "no request and no result of batch %s in the topics %s and %s"
                .formatted(batch, session.broker().requests(), session.broker().results());
    }
}
