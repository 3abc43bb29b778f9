package dev.gantry.cli.batch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.Session.BrokerRefused;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.ResultFile;
import dev.gantry.cli.result.ResultFile.Replacement;
import dev.gantry.cli.result.ResultFiles;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** {@code collect}: gathers the results of a batch submitted earlier, from their beginning. */
public final class CollectCommand {
    public static final String USAGE =
            """
            usage: collect BATCH_ID --out FILE [options]
              BATCH_ID         as submit printed it
              --out FILE       results with status 200; written from scratch, in the place of an
                               earlier text only once all are there
              --errors FILE    all other results (default: the --out file's name + .err.jsonl)
              --receipt FILE   what submit kept of where its requests stand; believed before all ids
                               (default: the batch's receipts in the folder of the --out file)
              --topic NAME     that submit was given
              --json           print the summary as one JSON object
            exit code: 0 all succeeded, 3 some failed, 4 interrupted,
                       2 usage or wrong configuration, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar(
                    "collect", Set.of("out", "errors", "receipt", "topic"), Set.of("json"), USAGE);

    private final BatchId batch;
    private final BatchOptions options;
    private final @Nullable Path receipt;

    private CollectCommand(BatchId batch, BatchOptions options, @Nullable Path receipt) {
        this.batch = batch;
        this.options = options;
        this.receipt = receipt;
    }

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static CollectCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        if (line.operands().size() != 1) {
            throw GRAMMAR.refuse(
                    line.operands().isEmpty()
                            ? "BATCH_ID is missing"
                            : "expected one BATCH_ID, got " + String.join(" ", line.operands()));
        }
        String batch = line.operands().getFirst();
        if (!BatchId.isValid(batch)) {
            throw GRAMMAR.refuse(
                    "BATCH_ID \"%s\" is not allowed: allowed are %s"
                            .formatted(batch, BatchId.ALLOWED));
        }
        String out =
                line.value("out").orElseThrow(() -> GRAMMAR.refuse("option --out is required"));
        String stem = ResultFile.isStream(GRAMMAR.path("--out", out)) ? batch : out;
        return new CollectCommand(
                new BatchId(batch),
                BatchOptions.of(line, GRAMMAR, stem),
                line.value("receipt").map(name -> GRAMMAR.path("--receipt", name)).orElse(null));
    }

    /** Runs to its end and returns the exit code. */
    public int run(BrokerAccess any, Terminal terminal, StopSignal stop, InstantSource clock) {
        BrokerAccess broker = any.at(options.topic(), GRAMMAR);
        List<Receipt> receipts;
        ResultFiles files;
        try {
            receipts = receipts();
        } catch (IOException e) {
            terminal.note("collect: " + FileTrouble.of(e));
            return ExitCode.USAGE.code();
        }
        try {
            files = ResultFiles.open(options.paths(), Replacement.AT_END);
        } catch (IOException e) {
            terminal.note("collect: cannot write results: " + FileTrouble.of(e));
            return ExitCode.USAGE.code();
        }
        try (files;
                Session session = Session.open(broker, terminal, stop, clock)) {
            return new Collection(session, batch, options, receipts, files).run().code();
        } catch (IOException e) {
            terminal.note("collect: cannot write results: " + FileTrouble.of(e));
            return ExitCode.TROUBLE.code();
        } catch (BrokerRefused e) {
            terminal.note("collect: " + e.getMessage());
            return ExitCode.TROUBLE.code();
        }
    }

    private List<Receipt> receipts() throws IOException {
        if (receipt == null) {
            return Receipt.find(options.paths().folder(), batch);
        }
        Receipt given = Receipt.read(receipt);
        if (!given.batch().equals(batch)) {
            throw new IOException(
                    "%s is of batch %s, not of %s".formatted(receipt, given.batch(), batch));
        }
        return List.of(given);
    }
}
