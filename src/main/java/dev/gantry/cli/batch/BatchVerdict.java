package dev.gantry.cli.batch;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.Summary;
import dev.gantry.cli.result.SummaryText;

import org.jspecify.annotations.Nullable;

/** How the gathering of a batch ended. */
sealed interface BatchVerdict {
    /** Every request has its answer. */
    record Complete() implements BatchVerdict {}

    /** A person stopped it. */
    record Interrupted() implements BatchVerdict {}

    /** It cannot go on. */
    record Broken(String reason) implements BatchVerdict {}

    /** The command line that goes on, null where nothing is left to do. */
    default @Nullable String resume(BatchId batch, BatchOptions options) {
        return this instanceof Complete ? null : CollectLine.of(batch, options);
    }

    /** Prints the summary, and what a person should know besides. */
    default ExitCode conclude(Terminal terminal, Summary summary, BatchOptions.Report form) {
        switch (form) {
            case TEXT ->
                    terminal.answer(SummaryText.of(summary, terminal.bars(), terminal.width()));
            case JSON -> terminal.answerJson(SummaryJson.of(summary));
        }
        return switch (this) {
            case Complete _ when summary.failed() == 0 && summary.ids().missing() == 0 ->
                    ExitCode.SUCCEEDED;
            case Complete _ -> ExitCode.SOME_FAILED;
            case Interrupted _ -> {
                terminal.note("interrupted; the line above that begins with java resumes");
                yield ExitCode.INTERRUPTED;
            }
            case Broken(String reason) -> {
                terminal.note("stopped: " + reason);
                yield ExitCode.TROUBLE;
            }
        };
    }
}
