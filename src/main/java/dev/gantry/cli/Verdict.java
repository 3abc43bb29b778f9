package dev.gantry.cli;

/** How the gathering of a batch ended. */
sealed interface Verdict {
    /** Every request has its answer. */
    record Complete() implements Verdict {}

    /** A person stopped it. */
    record Interrupted() implements Verdict {}

    /** It cannot go on. */
    record Broken(String reason) implements Verdict {}

    /** Prints the summary, and what a person should know besides. */
    default ExitCode conclude(
            Terminal terminal, Harvest harvest, BatchId batch, BatchOptions options) {
        String resume = this instanceof Complete ? null : CollectLine.of(batch, options);
        Summary summary = harvest.summary(options, resume);
        terminal.answer(
                switch (options.report()) {
                    case TEXT -> SummaryText.of(summary, terminal.bars());
                    case JSON -> SummaryJson.of(summary);
                });
        return switch (this) {
            case Complete _ when harvest.tally().failed() == 0 -> ExitCode.SUCCEEDED;
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
