package dev.gantry.cli.batch;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.batch.Session.BrokerRefused;
import dev.gantry.cli.result.ProgressDisplay;
import dev.gantry.cli.result.Unsent;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.JsonNodeFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** A checked batch file that is sent and left to collect: {@code submit --no-wait}. */
final class SendOnly {
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Session session;
    private final Sender.Load load;
    private final BatchOptions options;
    private final UnsentNotes unsentNotes;

    SendOnly(Session session, Sender.Load load, BatchOptions options) {
        this.session = session;
        this.load = load;
        this.options = options;
        this.unsentNotes = new UnsentNotes(session.terminal(), load.file());
    }

    ExitCode run() throws BrokerRefused {
        if (!session.awaitBroker()) {
            session.terminal().note("interrupted; nothing was sent");
            return ExitCode.INTERRUPTED;
        }
        Sender sender = Sender.start(load, session.openProducer());
        var receipts =
                new ReceiptKeeper(
                        sender, options.paths().folder(), session.terminal(), session.clock());
        try (sender) {
            while (!sender.finished() && !session.stopped()) {
                drain(sender);
                receipts.keep();
                long sent = sender.acknowledged();
                session.showSending(
                        new ProgressDisplay.Standing(
                                load.lines(), load.lines(), sent, unsentNotes.count()));
                session.pause(LOOK);
            }
        }
        drain(sender);
        unsentNotes.finish();
        report(sender, receipts.finish());
        if (session.stopped() && sender.trouble() != null) {
            return ExitCode.INTERRUPTED;
        }
        if (sender.trouble() != null) {
            return ExitCode.TROUBLE;
        }
        return unsentNotes.count() == 0 ? ExitCode.SUCCEEDED : ExitCode.SOME_FAILED;
    }

    private void drain(Sender sender) {
        for (Unsent unsent = sender.pollUnsent(); unsent != null; unsent = sender.pollUnsent()) {
            unsentNotes.add(unsent);
        }
    }

    /** On standard output the batch id alone: {@code id=$(… submit FILE --no-wait)}. */
    private void report(Sender sender, @Nullable Path receipt) {
        String collect = CollectLine.of(load.batch(), options);
        session.terminal()
                .note(String.format(Locale.ROOT, "sent %,d requests", sender.acknowledged()));
        if (sender.trouble() != null) {
            session.terminal()
                    .note(
                            "%s: lines after %d of %s were not sent"
                                    .formatted(
                                            sender.trouble(),
                                            sender.lastLine(),
                                            load.file().name()));
        }
        session.terminal().note("collect the results with: " + collect);
        switch (options.report()) {
            case TEXT -> session.terminal().answer(load.batch().value());
            case JSON ->
                    session.terminal()
                            .answerJson(
                                    JsonNodeFactory.instance
                                            .objectNode()
                                            .put("batch_id", load.batch().value())
                                            .put("requests", load.lines())
                                            .put("sent", sender.acknowledged())
                                            .put("not_sent", load.lines() - sender.acknowledged())
                                            .put(
                                                    "receipt",
                                                    receipt == null ? null : receipt.toString())
                                            .put("collect", collect)
                                            .toString());
        }
    }
}
