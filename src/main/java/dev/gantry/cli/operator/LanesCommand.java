package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.Terminal;
import dev.gantry.fleet.RecordedLane;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.limit.RecordedLimits;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashSet;
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
              --force        also for a circuit that no worker has recorded
              --json         print one JSON object
            exit code: 0 shown or done, 2 usage or wrong configuration, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar("lanes", Set.of("for", "reason", "actor"), Set.of("force", "json"), USAGE);

    private final @Nullable OperatorAction action;
    private final AnswerForm form;
    private final Unknown unknown;

    private LanesCommand(@Nullable OperatorAction action, AnswerForm form, Unknown unknown) {
        this.action = action;
        this.form = form;
        this.unknown = unknown;
    }

    /** What becomes of a target that nobody knows. */
    private enum Unknown {
        REFUSE,
        FORCE
    }

    /**
     * The fleet, as its database has it.
     *
     * @param at which schema of which database, for messages
     * @param listed circuits of the command's own configuration
     */
    public record Means(
            CircuitAdmin circuits,
            RecordedLanes lanes,
            RecordedLimits limits,
            Collection<CircuitKey> listed,
            String at) {}

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
            return new LanesCommand(null, form, Unknown.REFUSE);
        }
        return new LanesCommand(
                action(line), form, line.has("force") ? Unknown.FORCE : Unknown.REFUSE);
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

    /** Runs to its end and returns the exit code. */
    public int run(Means means, Terminal terminal) {
        return DatabaseCommand.run(
                "lanes",
                means.at(),
                terminal,
                () -> action == null ? show(means, terminal) : operate(action, means, terminal));
    }

    private ExitCode show(Means means, Terminal terminal) {
        CircuitAdmin.Listing listing = means.circuits().listing();
        Collection<RecordedLane> lanes = means.lanes().read();
        List<RecordedLimits.Row> limits = means.limits().read();
        form.answer(
                terminal,
                () -> LanesReport.text(listing, lanes) + LanesReport.text(limits),
                () -> LanesReport.json(listing, lanes, limits));
        return ExitCode.SUCCEEDED;
    }

    private ExitCode operate(OperatorAction order, Means means, Terminal terminal) {
        Set<CircuitKey> known = known(means);
        boolean forced = unknown == Unknown.FORCE && order.target().exact();
        if (!forced && order.target().among(known).isEmpty()) {
            terminal.note(refusal(order.target(), known));
            return ExitCode.USAGE;
        }
        List<CircuitTransition> moves = means.circuits().operate(order, known);
        form.answer(
                terminal,
                () -> LanesReport.text(order, moves),
                () -> LanesReport.json(order, moves));
        return ExitCode.SUCCEEDED;
    }

    /** What workers have recorded, what ever moved, and what this command's configuration lists. */
    private static Set<CircuitKey> known(Means means) {
        Set<CircuitKey> known = new LinkedHashSet<>(means.listed());
        means.circuits().rows().forEach(row -> known.add(row.key()));
        for (RecordedLane lane : means.lanes().read()) {
            LanesReport.circuit(lane)
                    .ifPresent(
                            key -> {
                                known.add(key);
                                known.add(
                                        new CircuitKey(key.provider(), key.instance(), null, null));
                            });
        }
        return known;
    }

    private static String refusal(CircuitTarget target, Set<CircuitKey> known) {
        return "lanes: %s %s; %s%s"
                .formatted(
                        target.value(),
                        target.exact() ? "is no circuit of this fleet" : "matches no circuit",
                        target.nearest(known)
                                .map(near -> "nearest is " + near.value())
                                .orElse("no worker has recorded a lane and no circuit ever moved"),
                        target.exact() ? "; --force does it all the same" : "");
    }
}
