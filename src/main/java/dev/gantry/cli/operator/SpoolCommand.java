package dev.gantry.cli.operator;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.outbox.SpoolListing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * {@code spool}: shows what stands in the database instead of on the broker, prints answers that
 * were too large, has records tried again that were set aside, or drops them.
 */
public final class SpoolCommand {
    public static final String USAGE =
            """
            usage: spool [show ID|retry ID|drop ID|recount] [options]
              show ID        print an answer that was too large for the broker: the whole result,
                             as it would have been published; ID is the result's id
              retry ID       have workers try again a record that was set aside; all: each of them
              drop ID        delete a record that was set aside; the audit tells who did, and why
              recount        count the rows, and set right the counters that bound the spool
              --reason TEXT  why drop; part of the audit, at most 500 characters; required
              --actor NAME   who says so; part of the audit (default: operator)
              --out FILE     where show writes to (default: standard output)
              --json         print one JSON object
            exit code: 0 shown or done, 2 usage, wrong configuration or no such ID, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar("spool", Set.of("out", "reason", "actor"), Set.of("json"), USAGE);
    private static final Set<String> SPEAKS_JSON = Set.of("", "drop", "recount");
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_ACTOR = 100;
    private static final Pattern ROW = Pattern.compile("\\d{1,18}");

    /** What is asked for. */
    private sealed interface Order {
        record Listing(AnswerForm form) implements Order {}

        /**
         * @param out null: standard output
         */
        record Show(String id, @Nullable Path out) implements Order {}

        /**
         * @param id null: all
         */
        record Retry(@Nullable Long id) implements Order {}

        record Drop(long id, String reason, String actor, AnswerForm form) implements Order {}

        record Recount(AnswerForm form) implements Order {}
    }

    private final Order order;

    private SpoolCommand(Order order) {
        this.order = order;
    }

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static SpoolCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        List<String> operands = line.operands();
        String deed = operands.isEmpty() ? "" : operands.getFirst();
        if (line.has("json") && !SPEAKS_JSON.contains(deed)) {
            throw GRAMMAR.refuse("--json belongs to the listing, drop and recount");
        }
        if (!deed.equals("drop")
                && (line.value("reason").isPresent() || line.value("actor").isPresent())) {
            throw GRAMMAR.refuse("--reason and --actor belong to drop");
        }
        if (line.value("out").isPresent() && !deed.equals("show")) {
            throw GRAMMAR.refuse("--out belongs to show");
        }
        return new SpoolCommand(
                switch (deed) {
                    case "" -> new Order.Listing(AnswerForm.of(line));
                    case "show" ->
                            new Order.Show(
                                    id(operands),
                                    line.value("out")
                                            .map(name -> GRAMMAR.path("--out", name))
                                            .orElse(null));
                    case "retry" -> new Order.Retry(row(id(operands)));
                    case "drop" -> drop(id(operands), line);
                    case "recount" -> recount(operands, line);
                    default ->
                            throw GRAMMAR.refuse(
                                    "expected show, retry, drop or recount, got " + deed);
                });
    }

    private static Order drop(String id, CommandLine line) {
        Long row = row(id);
        if (row == null) {
            throw GRAMMAR.refuse("ID: all; drop takes one record at a time");
        }
        String reason =
                line.value("reason")
                        .map(String::strip)
                        .filter(text -> !text.isEmpty())
                        .orElseThrow(() -> GRAMMAR.refuse("--reason is missing"));
        return new Order.Drop(
                row,
                printable("--reason", reason, LONGEST_REASON),
                printable("--actor", line.value("actor").orElse("operator"), LONGEST_ACTOR),
                AnswerForm.of(line));
    }

    private static String printable(String option, String text, int longest) {
        boolean printable =
                text.codePoints()
                        .noneMatch(
                                each ->
                                        Character.isISOControl(each)
                                                || Character.getType(each) == Character.SURROGATE);
        if (text.isBlank() || text.length() > longest || !printable) {
            throw GRAMMAR.refuse(
                    "%s: allowed are 1 to %d printable characters".formatted(option, longest));
        }
        return text;
    }

    private static Order recount(List<String> operands, CommandLine line) {
        if (operands.size() > 1) {
            throw GRAMMAR.refuse("recount takes no ID");
        }
        return new Order.Recount(AnswerForm.of(line));
    }

    private static String id(List<String> operands) {
        if (operands.size() != 2) {
            throw GRAMMAR.refuse(
                    operands.size() < 2
                            ? "ID is missing"
                            : "expected one ID, got "
                                    + String.join(" ", operands.subList(1, operands.size())));
        }
        return operands.getLast();
    }

    private static @Nullable Long row(String id) {
        if (id.equals("all")) {
            return null;
        }
        if (!ROW.matcher(id).matches()) {
            throw GRAMMAR.refuse("ID: %s; allowed is a row's number, or all".formatted(id));
        }
        return Long.valueOf(id);
    }

    /**
     * Runs to its end and returns the exit code.
     *
     * @param at which schema of which database, for messages
     */
    public int run(SpoolAdmin desk, String at, Terminal terminal) {
        return DatabaseCommand.run("spool", at, terminal, () -> obey(desk, terminal));
    }

    private ExitCode obey(SpoolAdmin desk, Terminal terminal) throws IOException {
        return switch (order) {
            case Order.Listing(AnswerForm form) -> list(desk.listing(), form, terminal);
            case Order.Show show -> show(show, desk.answer(show.id()), terminal);
            case Order.Retry(Long id) -> retry(id, desk, terminal);
            case Order.Drop drop -> drop(drop, desk, terminal);
            case Order.Recount(AnswerForm form) -> recounted(form, desk, terminal);
        };
    }

    private static ExitCode list(SpoolListing listing, AnswerForm form, Terminal terminal) {
        form.answer(terminal, () -> SpoolReport.text(listing), () -> SpoolReport.json(listing));
        return ExitCode.SUCCEEDED;
    }

    private static ExitCode show(Order.Show show, Optional<byte[]> answer, Terminal terminal)
            throws IOException {
        if (answer.isEmpty()) {
            terminal.note(
                    "spool: no answer is kept as %s; answers are kept for 7 days"
                            .formatted(show.id()));
            return ExitCode.USAGE;
        }
        if (show.out() == null) {
            terminal.answer(answer.get());
        } else {
            Files.write(show.out(), answer.get());
        }
        return ExitCode.SUCCEEDED;
    }

    private static ExitCode retry(@Nullable Long id, SpoolAdmin desk, Terminal terminal) {
        if (id == null) {
            terminal.answer("records to be tried again: " + desk.retryAll());
            return ExitCode.SUCCEEDED;
        }
        if (!desk.retry(id)) {
            terminal.note("spool: no record is set aside as " + id);
            return ExitCode.USAGE;
        }
        terminal.answer("record %d is to be tried again".formatted(id));
        return ExitCode.SUCCEEDED;
    }

    private static ExitCode drop(Order.Drop drop, SpoolAdmin desk, Terminal terminal) {
        Optional<SpoolListing.SetAside> gone = desk.drop(drop.id(), drop.reason(), drop.actor());
        if (gone.isEmpty()) {
            terminal.note("spool: no record is set aside as " + drop.id());
            return ExitCode.USAGE;
        }
        SpoolListing.SetAside row = gone.get();
        drop.form()
                .answer(
                        terminal,
                        () -> SpoolReport.text(row),
                        () -> SpoolReport.json(row, drop.reason(), drop.actor()));
        return ExitCode.SUCCEEDED;
    }

    private static ExitCode recounted(AnswerForm form, SpoolAdmin desk, Terminal terminal) {
        SpoolListing.Count count = desk.recount();
        form.answer(terminal, () -> SpoolReport.text(count), () -> SpoolReport.json(count));
        return ExitCode.SUCCEEDED;
    }
}
