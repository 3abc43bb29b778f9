package dev.gantry.cli;

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
    private final UnsentNotes unsentNotes;

    Submission(Session session, Sender.Load load, BatchOptions options, Harvest harvest) {
        this.session = session;
        this.load = load;
        this.options = options;
        this.harvest = harvest;
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
        Verdict verdict;
        try (BatchFeed results = feed.get()) {
            verdict = sendAndGather(results);
        }
        harvest.tally().happened(session.clock().instant());
        unsentNotes.finish();
        return verdict.conclude(session.terminal(), harvest, load.batch(), options);
    }

    private BatchFeed openFeed(Consumer<byte[], byte[]> consumer) {
        return BatchFeed.fromEnd(consumer, session.broker().results(), session.clock());
    }

    private Verdict sendAndGather(BatchFeed results) throws IOException {
        Sender sender = Sender.start(load, session.broker().openProducer());
        Verdict verdict;
        try (sender) {
            verdict = gather(sender, results);
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

    private Verdict gather(Sender sender, BatchFeed results) throws IOException {
        while (!session.stopped()) {
            boolean sent = sender.finished();
            drain(sender);
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
