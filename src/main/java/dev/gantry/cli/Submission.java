package dev.gantry.cli;

import dev.gantry.cli.Census.Proof;
import dev.gantry.cli.Harvest.Strangers;
import dev.gantry.cli.Sender.Unsent;
import dev.gantry.cli.Session.BrokerRefused;
import dev.gantry.cli.Verdict.Broken;
import dev.gantry.cli.Verdict.Complete;
import dev.gantry.cli.Verdict.Interrupted;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;

import java.io.IOException;
import java.util.Optional;

/** A checked batch file that is sent on one thread while its results are gathered on the other. */
final class Submission {
    private final Session session;
    private final Sender.Load load;
    private final BatchOptions options;
    private final Harvest harvest;
    private final ResultFiles files;
    private final UnsentNotes unsentNotes;

    Submission(Session session, Sender.Load load, BatchOptions options, ResultFiles files) {
        this.session = session;
        this.load = load;
        this.options = options;
        this.files = files;
        this.harvest =
                new Harvest(
                        load.batch(),
                        load.topic(),
                        load.roll(),
                        Strangers.LEAVE,
                        files,
                        new Tally());
        this.unsentNotes = new UnsentNotes(session.terminal(), load.file());
    }

    ExitCode run() throws IOException, BrokerRefused {
        // Before the first line is sent: no result can be older than the feed.
        Optional<BatchFeed> feed = session.openFeed(this::openFeed);
        if (feed.isEmpty()) {
            session.terminal().note("interrupted; nothing was sent");
            return ExitCode.INTERRUPTED;
        }
        harvest.tally().happened(session.clock().instant());
        Sender sender = Sender.start(load, session.openProducer());
        var receipts =
                new ReceiptKeeper(
                        sender, options.paths().folder(), session.terminal(), session.clock());
        try (BatchFeed results = feed.get()) {
            return conclude(sendAndGather(sender, receipts, results), receipts);
        } finally {
            // Also where the results could not be written.
            var _ = receipts.finish();
        }
    }

    private ExitCode conclude(Verdict verdict, ReceiptKeeper receipts) throws IOException {
        harvest.tally().happened(session.clock().instant());
        unsentNotes.finish();
        if (verdict instanceof Complete) {
            files.complete();
        }
        var summary =
                Summary.of(
                        harvest,
                        load.batch(),
                        new Summary.Files(options.paths(), receipts.finish()),
                        new Summary.Ids(Proof.RECEIPT, 0, harvest.others(), 0),
                        verdict.resume(load.batch(), options));
        return verdict.conclude(session.terminal(), summary, options.report());
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        return BatchFeed.fromEnd(consumer, session.broker().results(), session.clock());
    }

    private Verdict sendAndGather(Sender sender, ReceiptKeeper receipts, BatchFeed results)
            throws IOException {
        Verdict verdict;
        try (sender) {
            verdict = gather(sender, receipts, results);
        } catch (KafkaException e) {
            verdict = new Broken("the broker refuses: " + BrokerWatch.message(e));
        }
        drain(sender);
        harvest.flush();
        if (sender.trouble() != null) {
            session.terminal()
                    .note(
                            "lines after %d of %s were not sent"
                                    .formatted(sender.lastLine(), load.file().name()));
        }
        return verdict;
    }

    private Verdict gather(Sender sender, ReceiptKeeper receipts, BatchFeed results)
            throws IOException {
        while (!session.stopped()) {
            boolean sent = sender.finished();
            drain(sender);
            receipts.keep();
            String trouble = sender.trouble();
            if (trouble != null) {
                return new Broken(trouble);
            }
            if (sent && harvest.roll().pending() == 0) {
                return new Complete();
            }
            for (ConsumerRecord<byte[], byte[]> record : results.poll()) {
                harvest.takeResult(record);
            }
            harvest.takeEarly();
            harvest.flush();
            session.show(harvest.standing(sender.acknowledged() + unsentNotes.count()));
        }
        return new Interrupted();
    }

    private void drain(Sender sender) throws IOException {
        for (Unsent unsent = sender.pollUnsent(); unsent != null; unsent = sender.pollUnsent()) {
            harvest.takeUnsent(unsent);
            unsentNotes.add(unsent);
        }
    }
}
