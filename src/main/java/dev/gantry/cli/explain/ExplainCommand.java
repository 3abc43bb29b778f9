package dev.gantry.cli.explain;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.Visible;
import dev.gantry.cli.batch.BatchFile;
import dev.gantry.cli.batch.LineReader;
import dev.gantry.cli.result.BatchId;
import dev.gantry.explain.Explainer;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.EditDistance;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** {@code explain}: what would become of the lines of a batch file; sends and calls nothing. */
public final class ExplainCommand {
    public static final String USAGE =
            """
            usage: explain FILE [options]
              FILE           OpenAI batch input, one JSON object per line; - is standard input
              --line N       explain this line alone; the first is 1
              --batch-id ID  as if sent under this id, which decides between lanes of equal weight
              --topic NAME   as if sent to this one of gantry.request-topics (default: as submit)
              --assume-keys  as if every instance had its key, which workers may have
              --each         print one JSON object per line; the summary goes to standard error
              --json         print one JSON object
            exit code: 0 every request has a lane, 3 some would end without a call,
                       2 usage, wrong configuration, or lines that no worker takes, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar(
                    "explain",
                    Set.of("line", "batch-id", "topic"),
                    Set.of("assume-keys", "each", "json"),
                    USAGE);

    private final String source;
    private final @Nullable Path file;
    private final @Nullable Long onlyLine;
    private final @Nullable BatchId batch;
    private final @Nullable String topic;
    private final ExplainPass.Form form;
    private final boolean assumesKeys;

    private ExplainCommand(String source, CommandLine line) {
        this.source = source;
        file = BatchFile.isStandardInput(source) ? null : GRAMMAR.path("FILE", source);
        onlyLine = line.value("line").map(ExplainCommand::lineNumber).orElse(null);
        batch = line.value("batch-id").map(ExplainCommand::batchId).orElse(null);
        topic = line.value("topic").orElse(null);
        form =
                line.has("each")
                        ? ExplainPass.Form.EACH
                        : line.has("json") ? ExplainPass.Form.JSON : ExplainPass.Form.TEXT;
        assumesKeys = line.has("assume-keys");
    }

    /**
     * What lines are explained by.
     *
     * @param discovering providers that may offer more at run time
     */
    public record Means(
            CatalogueSnapshot catalogue,
            List<String> discovering,
            Explainer.Source source,
            CircuitAdmin circuits,
            InstantSource clock) {}

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static ExplainCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        String source = GRAMMAR.file(line);
        if (line.has("each") && (line.has("json") || line.value("line").isPresent())) {
            throw GRAMMAR.refuse("--each goes with neither --json nor --line");
        }
        return new ExplainCommand(source, line);
    }

    private static long lineNumber(String value) {
        if (!value.matches("[1-9]\\d{0,17}")) {
            throw GRAMMAR.refuse(
                    "--line %s: allowed is a number from 1".formatted(Visible.quoted(value)));
        }
        return Long.parseLong(value);
    }

    private static BatchId batchId(String value) {
        if (!BatchId.isValid(value)) {
            throw GRAMMAR.refuse(
                    "--batch-id %s is not allowed: allowed are %s"
                            .formatted(Visible.quoted(value), BatchId.ALLOWED));
        }
        return new BatchId(value);
    }

    /** Whether lanes without a key count as having one. */
    public boolean assumesKeys() {
        return assumesKeys;
    }

    /** Runs to its end and returns the exit code. */
    public int run(Means means, InputStream standardInput, Terminal terminal) {
        List<Lane> lanes = means.catalogue().lanes();
        if (lanes.isEmpty()) {
            terminal.note("explain: " + noLane(means.discovering()));
            return ExitCode.USAGE.code();
        }
        Explainer explainer =
                new Explainer(
                        new Catalogue(means.catalogue()),
                        standings(means.circuits(), terminal),
                        means.discovering(),
                        source(means.source(), terminal),
                        means.clock());
        String name = file == null ? "standard input" : source;
        try (LineReader reader = open(standardInput)) {
            ExplainNotes notes = new ExplainNotes(lanes, means.discovering());
            ExplainPass pass = new ExplainPass(name, batch, explainer, form, notes, terminal);
            return (onlyLine == null ? pass.all(reader) : pass.only(reader, onlyLine)).code();
        } catch (IOException e) {
            terminal.note("explain: cannot read %s: %s".formatted(name, FileTrouble.of(e)));
            return ExitCode.USAGE.code();
        }
    }

    private Explainer.Source source(Explainer.Source usual, Terminal terminal) {
        List<String> names = usual.topics().names();
        if (topic != null && !names.contains(topic)) {
            throw GRAMMAR.refuse(
                    "--topic %s: allowed is %s%s"
                            .formatted(
                                    Visible.quoted(topic),
                                    String.join(", ", names),
                                    EditDistance.hint(topic, names)));
        }
        String from = topic == null ? usual.topic() : topic;
        if (names.size() > 1 || topic != null) {
            terminal.note("explain: " + usual.topics().of(from));
        }
        return new Explainer.Source(usual.limits(), usual.topics(), from);
    }

    private static String noLane(List<String> discovering) {
        return discovering.isEmpty()
                ? "no lane is configured; give it what the workers have, an application.yml in"
                        + " this directory or --spring.config.import=FILE"
                : "all lanes are discovered at run time, from %s, no model is named here, and no"
                                .formatted(String.join(", ", discovering))
                        + " living worker has recorded any; POST /actuator/explain of a worker"
                        + " knows what is listed";
    }

    /** Read once, so that a pipe needs no copy. */
    private LineReader open(InputStream standardInput) throws IOException {
        return new LineReader(file == null ? standardInput : Files.newInputStream(file));
    }

    /** As the table has them now, for the whole file. */
    private static Explainer.Standings standings(CircuitAdmin circuits, Terminal terminal) {
        try {
            Function<LaneId, LaneAvailability> read = circuits.availabilities();
            Map<LaneId, LaneAvailability> known = new HashMap<>();
            return lane -> known.computeIfAbsent(lane, read);
        } catch (DataAccessException e) {
            terminal.note(
                    "explain: circuits are not known: "
                            + SqlTrouble.sentence(e)
                            + "; every lane counts as taking calls");
            return _ -> null;
        }
    }
}
