package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/** {@code lanes}: shows the circuits that the fleet shares, and opens, denies or resets them. */
public final class LanesCommand {
    public static final String USAGE =
            """
            usage: lanes [open|deny|reset TARGET] [options]
              TARGET         provider:instance, or provider:instance:type:model for one lane;
                             * stands for any text within a part
              open TARGET    bench it for a time; then one probe decides
              deny TARGET    bench it until it is reset, whatever happens
              reset TARGET   close it, and forget its failures
              --for TIME     how long to open: 90s, 10m, 2h, 1d (default: 10m)
              --reason TEXT  why; part of the audit, at most 500 characters
              --actor NAME   who says so; part of the audit (default: operator)
              --json         print one JSON object
            exit code: 0 shown or done, 2 usage, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar("lanes", Set.of("for", "reason", "actor"), Set.of("json"), USAGE);

    private final @Nullable OperatorAction action;
    private final AnswerForm form;

    private LanesCommand(@Nullable OperatorAction action, AnswerForm form) {
        this.action = action;
        this.form = form;
    }

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static LanesCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        AnswerForm form = AnswerForm.of(line);
        if (line.operands().isEmpty()) {
            if (!line.values().isEmpty()) {
                throw GRAMMAR.refuse("--for, --reason and --actor belong to open, deny or reset");
            }
            return new LanesCommand(null, form);
        }
        return new LanesCommand(action(line), form);
    }

    private static OperatorAction action(CommandLine line) {
        List<String> operands = line.operands();
        if (operands.size() == 1) {
            throw GRAMMAR.refuse("TARGET is missing");
        }
        if (operands.size() > 2) {
            throw GRAMMAR.refuse(
                    "expected one TARGET, got %s; quote a * so that the shell leaves it alone"
                            .formatted(String.join(" ", operands.subList(1, operands.size()))));
        }
        try {
            return OperatorAction.parse(
                    operands.get(1),
                    operands.getFirst(),
                    line.value("for").orElse(null),
                    line.value("reason").orElse(""),
                    line.value("actor").orElse("operator"));
        } catch (IllegalArgumentException e) {
            throw GRAMMAR.refuse(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Runs to its end and returns the exit code.
     *
     * @param listed circuits that exist beside those in the table, for wildcards
     */
    public int run(CircuitAdmin admin, Collection<CircuitKey> listed, Terminal terminal) {
        return DatabaseCommand.run(
                "lanes",
                terminal,
                () ->
                        action == null
                                ? show(admin, terminal)
                                : operate(action, admin, listed, terminal));
    }

    private ExitCode show(CircuitAdmin admin, Terminal terminal) {
        CircuitAdmin.Listing listing = admin.listing();
        form.answer(terminal, () -> LanesReport.text(listing), () -> LanesReport.json(listing));
        return ExitCode.SUCCEEDED;
    }

    private ExitCode operate(
            OperatorAction order,
            CircuitAdmin admin,
            Collection<CircuitKey> listed,
            Terminal terminal) {
        if (!admin.knows(order.target(), listed)) {
            if (!order.target().exact()) {
                terminal.note(
                        "lanes: %s matches no circuit that ever moved and none of this command's"
                                        .formatted(order.target().value())
                                + " configuration; name it in full");
                return ExitCode.USAGE;
            }
            terminal.note(
                    "lanes: %s is new here: no circuit of that name ever moved, and this command's"
                                    .formatted(order.target().value())
                            + " configuration does not list it");
        }
        List<CircuitTransition> moves = admin.operate(order, listed);
        form.answer(
                terminal,
                () -> LanesReport.text(order, moves),
                () -> LanesReport.json(order, moves));
        return ExitCode.SUCCEEDED;
    }
}
