package dev.gantry.cli.batch;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.batch.BatchVerdict.Broken;
import dev.gantry.cli.batch.BatchVerdict.Complete;
import dev.gantry.cli.batch.BatchVerdict.Interrupted;
import dev.gantry.cli.batch.Session.BrokerRefused;
import dev.gantry.cli.result.BatchProof;
import dev.gantry.cli.result.BatchTotals;
import dev.gantry.cli.result.CollectedResults;
import dev.gantry.cli.result.CollectedResults.Strangers;
import dev.gantry.cli.result.ProgressDisplay;
import dev.gantry.cli.result.ResultFiles;
import dev.gantry.cli.result.Summary;
import dev.gantry.cli.result.Unsent;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A checked batch file that is sent on one thread while its results are gathered on the other. */
final class Submission {
    private final Session session;
    private final Sender.Load load;
    private final BatchOptions options;
    private final CollectedResults collectedResults;
    private final ResultFiles files;
    private final UnsentNotes unsentNotes;

    Submission(Session session, Sender.Load load, BatchOptions options, ResultFiles files) {
        this.session = session;
        this.load = load;
        this.options = options;
        this.files = files;
        this.collectedResults =
                new CollectedResults(
                        load.batch(),
                        load.topic(),
                        load.expectedIds(),
                        Strangers.LEAVE,
                        files,
                        new BatchTotals());
        this.unsentNotes = new UnsentNotes(session.terminal(), load.file());
    }

    ExitCode run() throws IOException, BrokerRefused {
        // Before the first line is sent: no result can be older than the feed.
        Optional<BatchFeed> feed = session.openFeed(this::openFeed);
        if (feed.isEmpty()) {
            session.terminal().note("interrupted; nothing was sent");
            return ExitCode.INTERRUPTED;
        }
        collectedResults.totals().happened(session.clock().instant());
        MeterFollower meter =
                MeterFollower.start(
                        session,
                        load.batch(),
                        load.expectedIds(),
                        consumer ->
                                BatchFeed.fromEnd(
                                        consumer, session.broker().told(), session.clock()));
        Sender sender = Sender.start(load, session.openProducer());
        var receipts =
                new ReceiptKeeper(
                        sender, options.paths().folder(), session.terminal(), session.clock());
        try (BatchFeed results = feed.get();
                meter) {
            return conclude(sendAndGather(sender, receipts, results, meter), receipts, meter);
        } finally {
            // Also where the results could not be written.
            var _ = receipts.finish();
        }
    }

    private ExitCode conclude(
            BatchVerdict batchVerdict, ReceiptKeeper receipts, MeterFollower meter)
            throws IOException {
        collectedResults.totals().happened(session.clock().instant());
        unsentNotes.finish();
        if (batchVerdict instanceof Complete) {
            files.complete();
        }
        var summary =
                Summary.of(
                        collectedResults,
                        load.batch(),
                        meter.sums(),
                        new Summary.Files(options.paths(), receipts.finish()),
                        new Summary.Ids(BatchProof.RECEIPT, 0, collectedResults.others(), 0),
                        batchVerdict.resume(load.batch(), options));
        return batchVerdict.conclude(session.terminal(), summary, options.report());
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        return BatchFeed.fromEnd(consumer, List.of(session.broker().results()), session.clock());
    }

    private BatchVerdict sendAndGather(
            Sender sender, ReceiptKeeper receipts, BatchFeed results, MeterFollower meter)
            throws IOException {
        BatchVerdict batchVerdict;
        try (sender) {
            batchVerdict = gather(sender, receipts, results, meter);
        } catch (KafkaException e) {
            batchVerdict = new Broken("the broker refuses: " + BrokerWatch.message(e));
        }
        drain(sender);
        collectedResults.flush();
        if (sender.trouble() != null) {
            session.terminal()
                    .note(
                            "lines after %d of %s were not sent"
                                    .formatted(sender.lastLine(), load.file().name()));
        }
        return batchVerdict;
    }

    private BatchVerdict gather(
            Sender sender, ReceiptKeeper receipts, BatchFeed results, MeterFollower meter)
            throws IOException {
        while (!session.stopped()) {
            boolean sent = sender.finished();
            drain(sender);
            receipts.keep();
            String trouble = sender.trouble();
            if (trouble != null) {
                return new Broken(trouble);
            }
            if (sent && collectedResults.expectedIds().pending() == 0) {
                return new Complete();
            }
            for (ConsumerRecord<byte[], byte[]> record : results.poll()) {
                collectedResults.takeResult(record);
            }
            collectedResults.takeEarly();
            collectedResults.flush();
            ProgressDisplay.Standing standing =
                    collectedResults.standing(sender.acknowledged() + unsentNotes.count());
            session.show(standing, meter.waiting(standing.sent() - standing.done()));
        }
        return new Interrupted();
    }

    private void drain(Sender sender) throws IOException {
        for (Unsent unsent = sender.pollUnsent(); unsent != null; unsent = sender.pollUnsent()) {
            collectedResults.takeUnsent(unsent);
            unsentNotes.add(unsent);
        }
    }
}
