package dev.gantry.cli.batch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.Session.BrokerRefused;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.ResultFile.Replacement;
import dev.gantry.cli.result.ResultFiles;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code submit}: sends a batch file to the requests topic and collects its results. */
public final class SubmitCommand {
    public static final String USAGE =
            """
            usage: submit FILE [options]
              FILE             OpenAI batch input, one JSON object per line; - is standard input;
                               each line's url is %s
              --batch-id ID    1 to 64 of A-Z a-z 0-9 . _ : - (default: generated, and printed)
              --out FILE       results with status 200 (default: FILE.out.jsonl)
              --errors FILE    all other results (default: FILE.err.jsonl; with --out: OUT.err.jsonl)
              --topic NAME     one of gantry.request-topics (default: gantry.topics.requests, if it
                               is one of them or there are none; else the first)
              --no-wait        send only; `collect` gathers the results later
              --json           print the summary as one JSON object
            exit code: 0 all succeeded, 3 some failed, 4 interrupted,
                       2 usage or wrong configuration, 1 anything else
            """
                    .formatted(Operations.ALLOWED);

    private static final Grammar GRAMMAR =
            new Grammar(
                    "submit",
                    Set.of("batch-id", "out", "errors", "topic"),
                    Set.of("no-wait", "json"),
                    USAGE);

    private final String source;
    private final @Nullable BatchId givenBatch;
    private final BatchOptions options;
    private final Patience patience;

    private SubmitCommand(
            String source, @Nullable BatchId givenBatch, BatchOptions options, Patience patience) {
        this.source = source;
        this.givenBatch = givenBatch;
        this.options = options;
        this.patience = patience;
    }

    private enum Patience {
        WAIT,
        SEND_ONLY
    }

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static SubmitCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        String source = GRAMMAR.file(line);
        BatchId batch = line.value("batch-id").map(SubmitCommand::batchId).orElse(null);
        boolean file = !BatchFile.isStandardInput(source);
        BatchOptions options = BatchOptions.of(line, GRAMMAR, stem(source));
        if (file && options.overwrites(GRAMMAR.path("FILE", source))) {
            throw GRAMMAR.refuse("--out or --errors would overwrite the batch file " + source);
        }
        Patience patience = line.has("no-wait") ? Patience.SEND_ONLY : Patience.WAIT;
        return new SubmitCommand(source, batch, options, patience);
    }

    BatchOptions options() {
        return options;
    }

    /** What the files are named after: beside a device or another process's pipe nothing can be. */
    private static String stem(String source) {
        boolean nowhere =
                BatchFile.isStandardInput(source)
                        || source.startsWith("/dev/fd/")
                        || source.startsWith("/proc/");
        return nowhere ? "stdin" : source;
    }

    private static BatchId batchId(String value) {
        if (!BatchId.isValid(value)) {
            throw GRAMMAR.refuse(
                    "--batch-id \"%s\" is not allowed: allowed are %s"
                            .formatted(value, BatchId.ALLOWED));
        }
        return new BatchId(value);
    }

    /** Runs to its end and returns the exit code. */
    public int run(BrokerAccess any, Terminal terminal, StopSignal stop, InstantSource clock) {
        BrokerAccess broker = any.at(options.topic(), GRAMMAR);
        try (BatchFile file = BatchFile.open(source, System.in, stop)) {
            return submit(file, broker, terminal, stop, clock).code();
        } catch (IOException e) {
            terminal.note("submit: cannot read %s: %s".formatted(source, FileTrouble.of(e)));
            return ExitCode.USAGE.code();
        }
    }

    private ExitCode submit(
            BatchFile file,
            BrokerAccess broker,
            Terminal terminal,
            StopSignal stop,
            InstantSource clock)
            throws IOException {
        BatchId batch =
                givenBatch == null
                        ? BatchId.generate(clock.instant(), new SecureRandom())
                        : givenBatch;
        FileCheck.Report check = new FileCheck(file, batch, stop).run();
        if (stop.requested()) {
            terminal.note("interrupted; nothing was sent");
            return ExitCode.INTERRUPTED;
        }
        if (check.problemCount() > 0 || check.expectedIds().size() == 0) {
            refuse(terminal, file, check);
            return ExitCode.USAGE;
        }
        terminal.note(
                String.format(
                        Locale.ROOT,
                        "batch %s: %,d requests from %s",
                        batch,
                        check.expectedIds().size(),
                        file.name()));
        var mark = SendMark.make(check.expectedIds().size(), new SecureRandom());
        try (Session session = Session.open(broker, terminal, stop, clock)) {
            var load =
                    new Sender.Load(
                            file,
                            check.extent(),
                            batch,
                            mark,
                            broker.requests(),
                            check.expectedIds());
            return switch (patience) {
                case WAIT -> sendAndGather(session, load);
                case SEND_ONLY -> new SendOnly(session, load, options).run();
            };
        } catch (BrokerRefused e) {
            terminal.note("submit: %s; nothing was sent".formatted(e.getMessage()));
            return ExitCode.TROUBLE;
        }
    }

    private ExitCode sendAndGather(Session session, Sender.Load load) throws BrokerRefused {
        ResultFiles files;
        try {
            files = ResultFiles.open(options.paths(), Replacement.AT_FIRST_LINE);
        } catch (IOException e) {
            session.terminal()
                    .note(
                            "submit: cannot write results: %s; nothing was sent"
                                    .formatted(FileTrouble.of(e)));
            return ExitCode.USAGE;
        }
        try (files) {
            return new Submission(session, load, options, files).run();
        } catch (IOException e) {
            session.terminal()
                    .note(
                            "submit: cannot write results: %s; resume with: %s"
                                    .formatted(
                                            FileTrouble.of(e),
                                            CollectLine.of(load.batch(), options)));
            return ExitCode.TROUBLE;
        }
    }

    private static void refuse(Terminal terminal, BatchFile file, FileCheck.Report check) {
        check.problems().forEach(terminal::note);
        long unnamed = check.problemCount() - check.problems().size();
        if (unnamed > 0) {
            terminal.note("… and %d more".formatted(unnamed));
        }
        terminal.note(
                check.problemCount() == 0
                        ? "%s has no requests; nothing was sent".formatted(file.name())
                        : "%s: %d lines cannot be sent; nothing was sent"
                                .formatted(file.name(), check.problemCount()));
    }
}
