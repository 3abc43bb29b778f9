package dev.gantry.cli.explain;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.Visible;
import dev.gantry.cli.batch.FileCheck;
import dev.gantry.cli.batch.LineReader;
import dev.gantry.cli.batch.LineReader.Line;
import dev.gantry.cli.result.BatchId;
import dev.gantry.explain.Explainer;
import dev.gantry.explain.Explanation;
import dev.gantry.explain.ExplanationJson;
import dev.gantry.explain.Finding;
import dev.gantry.explain.Finding.Unusable;
import dev.gantry.inference.FailureCode;
import dev.gantry.request.RequestLine;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;

/** One pass over a batch file: no line is held longer than it takes to explain it. */
final class ExplainPass {
    private final String name;
    private final @Nullable BatchId batch;
    private final Explainer explainer;
    private final Form form;
    private final ExplainNotes notes;
    private final Terminal terminal;
    private final FileSummary summary = new FileSummary();

    /** As long as there is no other. */
    private @Nullable Explained single;

    private long lines;

    /** How the command answers. */
    enum Form {
        /** For people: a single request whole, a file as its summary. */
        TEXT,
        /** The same as one JSON object. */
        JSON,
        /** Each request whole, as JSON objects on lines of their own. */
        EACH
    }

    private record Explained(long line, Finding finding) {
        ObjectNode json() {
            ObjectNode root = JsonNodeFactory.instance.objectNode().put("line", line);
            return switch (finding) {
                case Explanation explanation -> root.setAll(ExplanationJson.of(explanation));
                case Unusable(String reason) -> {
                    root.put("outcome", "invalid")
                            .putObject("error")
                            .put("code", FailureCode.INVALID_REQUEST.label())
                            .put("message", reason);
                    yield root;
                }
            };
        }
    }

    ExplainPass(
            String name,
            @Nullable BatchId batch,
            Explainer explainer,
            Form form,
            ExplainNotes notes,
            Terminal terminal) {
        this.name = name;
        this.batch = batch;
        this.explainer = explainer;
        this.form = form;
        this.notes = notes;
        this.terminal = terminal;
    }

    ExitCode all(LineReader reader) throws IOException {
        Line line = reader.next();
        while (line != null && take(line)) {
            line = reader.next();
        }
        return conclude();
    }

    ExitCode only(LineReader reader, long number) throws IOException {
        Line line = reader.next();
        while (line != null && line.number() < number) {
            line = reader.next();
        }
        if (line == null || line.number() > number) {
            terminal.note("explain: %s has no request on line %d".formatted(name, number));
            return ExitCode.USAGE;
        }
        var _ = take(line);
        return conclude();
    }

    /** Whether reading on is of use. */
    private boolean take(Line line) {
        Explained explained = new Explained(line.number(), finding(line.bytes()));
        single = lines++ == 0 ? explained : null;
        switch (explained.finding()) {
            case Unusable(String reason) -> {
                if (summary.unusableCount() < FileSummary.NAMED) {
                    terminal.note(
                            "%s, line %d: %s".formatted(name, line.number(), Visible.line(reason)));
                }
                summary.addUnusable(line.number(), reason);
            }
            case Explanation explanation -> {
                notes.see(explanation);
                summary.add(line.number(), explanation);
            }
        }
        if (form == Form.EACH) {
            terminal.answerJson(explained.json().toString());
        }
        // In another encoding its line ends are not what they seem.
        return explained.finding() instanceof Explanation
                || !(RequestLine.parse(line.bytes()) instanceof RequestLine.Foreign);
    }

    /** What submit would not send is named in its words, all else in the workers'. */
    private Finding finding(byte[] line) {
        Finding finding = explainer.explain(line, batch == null ? null : batch.value());
        return switch (finding) {
            case Unusable unusable ->
                    switch (RequestLine.parse(line)) {
                        case RequestLine.Illegible(String reason) -> new Unusable(reason);
                        case RequestLine.Foreign(String encoding) ->
                                new Unusable(FileCheck.foreign(encoding));
                        case RequestLine.Legible _ -> unusable;
                    };
            case Explanation explanation -> {
                String own = explanation.request().batchId();
                yield batch == null || own == null || own.equals(batch.value())
                        ? explanation
                        : new Unusable(FileCheck.otherBatch(own, batch));
            }
        };
    }

    private ExitCode conclude() {
        long unnamed = summary.unusableCount() - summary.unusable().size();
        if (unnamed > 0) {
            terminal.note("… and %d more".formatted(unnamed));
        }
        if (lines == 0) {
            terminal.note("%s has no requests".formatted(name));
            return ExitCode.USAGE;
        }
        notes.all().forEach(each -> terminal.note("explain: " + each));
        answer();
        if (summary.unusableCount() > 0) {
            return ExitCode.USAGE;
        }
        return summary.ended() > 0 ? ExitCode.SOME_FAILED : ExitCode.SUCCEEDED;
    }

    private void answer() {
        switch (form) {
            case EACH -> terminal.explain(SummaryReport.text(summary));
            case JSON ->
                    terminal.answerJson(
                            (single == null ? SummaryReport.json(summary) : single.json())
                                    .toString());
            case TEXT -> {
                if (single == null) {
                    terminal.answer(SummaryReport.text(summary));
                } else if (single.finding() instanceof Explanation explanation) {
                    terminal.answer(ExplanationText.of(explanation));
                }
            }
        }
    }
}
