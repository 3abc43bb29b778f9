package dev.gantry.cli.batch;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.Visible;
import dev.gantry.cli.batch.BatchVerdict.Broken;
import dev.gantry.cli.batch.BatchVerdict.Complete;
import dev.gantry.cli.batch.BatchVerdict.Interrupted;
import dev.gantry.cli.batch.Session.BrokerRefused;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.BatchProof;
import dev.gantry.cli.result.BatchTotals;
import dev.gantry.cli.result.CollectedResults;
import dev.gantry.cli.result.CollectedResults.Strangers;
import dev.gantry.cli.result.ExpectedIds;
import dev.gantry.cli.result.ProgressDisplay;
import dev.gantry.cli.result.ResultFiles;
import dev.gantry.cli.result.Summary;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A batch submitted earlier, gathered: first the requests topic says who is in it, then the other
 * who answered.
 */
final class Collection {
    // The id's time is the submitter's clock, a record's that of its producer.
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    // A submission that is still under way sends more often than that.
    private static final Duration SENDING = Duration.ofSeconds(5);

    private final Session session;
    private final BatchId batch;
    private final BatchOptions options;
    private final BatchMembers batchMembers;
    private final ResultFiles files;
    private final BatchTotals totals = new BatchTotals();
    private CollectedResults collectedResults;
    private Instant lastRequest;
    private @Nullable Instant firstSent;
    private @Nullable MeterFollower meter;

    Collection(
            Session session,
            BatchId batch,
            BatchOptions options,
            List<Receipt> receipts,
            ResultFiles files) {
        this.session = session;
        this.batch = batch;
        this.options = options;
        this.batchMembers = new BatchMembers(batch, receipts);
        this.files = files;
        this.collectedResults = collectedResults();
        this.lastRequest = session.clock().instant();
    }

    ExitCode run() throws IOException, BrokerRefused {
        try {
            return collect();
        } finally {
            if (meter != null) {
                meter.close();
            }
        }
    }

    private ExitCode collect() throws IOException, BrokerRefused {
        Optional<BatchFeed> feed = session.openFeed(this::openFeed);
        BatchVerdict batchVerdict = new Interrupted();
        if (feed.isPresent()) {
            try (BatchFeed records = feed.get()) {
                batchVerdict = gather(records);
            } catch (KafkaException e) {
                batchVerdict = new Broken("the broker refuses: " + BrokerWatch.message(e));
            }
        }
        if (batchVerdict instanceof Complete
                && collectedResults.size() == 0
                && batchMembers.missing() == 0) {
            session.terminal().note("collect: " + unknownBatch());
            return ExitCode.USAGE;
        }
        return conclude(batchVerdict);
    }

    private ExitCode conclude(BatchVerdict batchVerdict) throws IOException {
        Terminal terminal = session.terminal();
        if (batchVerdict instanceof Complete) {
            files.complete();
        }
        sayWhatIsClaimed();
        var ids =
                new Summary.Ids(
                        batchMembers.proof(),
                        batchMembers.doubles(),
                        batchMembers.others() + collectedResults.others(),
                        batchMembers.missing());
        Summary summary =
                Summary.of(
                        collectedResults,
                        batch,
                        meter == null ? null : meter.sums(),
                        new Summary.Files(options.paths(), null),
                        ids,
                        batchVerdict.resume(batch, options));
        ExitCode code = batchVerdict.conclude(terminal, summary, options.report());
        if (files.leftOld()) {
            terminal.note(
                    "not all results are here: the files of an earlier run were left as they were");
        }
        return code;
    }

    private void sayWhatIsClaimed() {
        Terminal terminal = session.terminal();
        if (batchMembers.proof() == BatchProof.CLAIM && collectedResults.size() > 0) {
            terminal.note(
                    "ids are claimed: no receipt and no mark of submit, so whoever wrote batch %s is in it"
                            .formatted(batch));
        } else if (batchMembers.others() > 0) {
            terminal.note(
                    String.format(
                            Locale.ROOT,
                            "ids are claimed: %,d requests of batch %s are not submit's; left out",
                            batchMembers.others(),
                            batch));
        }
        String counts =
                batchMembers.proof() == BatchProof.CLAIM ? "the first sent" : "submit's own";
        for (String customId : batchMembers.doubled()) {
            terminal.note(
                    "custom_id %s was sent more than once; the answer to %s counts"
                            .formatted(Visible.quoted(customId), counts));
        }
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        BrokerAccess broker = session.broker();
        Optional<Instant> start =
                batch.submittedAt(session.clock().instant()).map(time -> time.minus(CLOCK_SKEW));
        return BatchFeed.since(
                start, consumer, List.of(broker.requests(), broker.results()), session.clock());
    }

    /** What the calls cost, read from when the first request was sent. */
    private MeterFollower follow() {
        Optional<Instant> start =
                Optional.ofNullable(firstSent).map(time -> time.minus(CLOCK_SKEW));
        return MeterFollower.start(
                session,
                batch,
                batchMembers.expectedIds(),
                consumer ->
                        BatchFeed.since(start, consumer, session.broker().told(), session.clock()));
    }

    private BatchVerdict gather(BatchFeed feed) throws IOException {
        String requests = session.broker().requests();
        String results = session.broker().results();
        feed.hold(results);
        while (!session.stopped() && !feed.caughtUp(requests)) {
            take(feed);
            session.showReading(batchMembers.expectedIds().expected());
        }
        batchMembers.settle();
        collectedResults = collectedResults();
        feed.release(results);
        meter = follow();
        while (!session.stopped()) {
            take(feed);
            takeUnnamed();
            ProgressDisplay.Standing standing = collectedResults.standing(collectedResults.size());
            session.show(standing, meter.waiting(standing.total() - standing.done()));
            // Asked twice: requests may have been sent since the collecting began.
            if (collectedResults.expectedIds().pending() == 0
                    && !stillSending()
                    && feed.caughtUp()
                    && feed.stillCaughtUp()) {
                return new Complete();
            }
        }
        return new Interrupted();
    }

    private CollectedResults collectedResults() {
        boolean known = batchMembers.proof() != BatchProof.CLAIM && batchMembers.missing() == 0;
        return new CollectedResults(
                batch,
                session.broker().requests(),
                batchMembers.expectedIds(),
                known ? Strangers.LEAVE : Strangers.TAKE,
                files,
                totals);
    }

    /** Some are missing, but others have come a moment ago. */
    private boolean stillSending() {
        Instant now = session.clock().instant();
        return batchMembers.missing() > 0 && now.isBefore(lastRequest.plus(SENDING));
    }

    private void take(BatchFeed feed) throws IOException {
        for (ConsumerRecord<byte[], byte[]> record : feed.poll()) {
            if (take(record)) {
                totals.happened(Instant.ofEpochMilli(record.timestamp()));
            }
        }
        collectedResults.flush();
    }

    private void takeUnnamed() throws IOException {
        ExpectedIds.Place place = batchMembers.pollUnnamed();
        while (place != null) {
            collectedResults.takeUnnamed(place);
            place = batchMembers.pollUnnamed();
        }
    }

    private boolean take(ConsumerRecord<byte[], byte[]> record) throws IOException {
        if (!record.topic().equals(session.broker().requests())) {
            return collectedResults.takeResult(record);
        }
        boolean ours = batchMembers.take(record);
        if (ours) {
            lastRequest = session.clock().instant();
            Instant sent = Instant.ofEpochMilli(record.timestamp());
            firstSent = firstSent == null || sent.isBefore(firstSent) ? sent : firstSent;
        }
        return ours;
    }

    private String unknownBatch() {
        return "no request and no result of batch %s in the topics %s and %s"
                .formatted(batch, session.broker().requests(), session.broker().results());
    }
}
