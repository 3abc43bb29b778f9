package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.Transition;
import dev.gantry.cli.Table;
import dev.gantry.cli.Visible;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What lanes has to say to people. */
final class LanesText {
    private static final String NOT_ALL =
            "Circuits without trouble have no row; a worker's /actuator/lanes lists every lane.";

    private LanesText() {}

    static String of(CircuitAdmin.Listing listing) {
        if (listing.rows().isEmpty()) {
            return "All lanes are as new: no circuit has ever moved.\n" + NOT_ALL;
        }
        Table table =
                new Table(
                        "circuit",
                        "state",
                        "since",
                        "until",
                        "failures",
                        "trips",
                        "kind",
                        "reason");
        listing.rows().forEach(row -> table.add(line(row, listing.at())));
        return table + NOT_ALL;
    }

    static String of(OperatorAction action, List<Transition> moves) {
        if (moves.isEmpty()) {
            return "%s %s: nothing had to move"
                    .formatted(action.deed().label(), Visible.line(action.target().value()));
        }
        return String.join("\n", moves.stream().map(LanesText::move).toList());
    }

    private static String[] line(CircuitStatus status, Instant now) {
        Instant until = status.state().until();
        return new String[] {
            status.key().value(),
            status.state().name().label(),
            status.state().since().equals(Instant.EPOCH)
                    ? "-"
                    : Table.seconds(status.state().since()),
            until == null
                    ? "-"
                    : Table.seconds(until)
                            + " (in "
                            + Table.span(Duration.between(now, until))
                            + ")",
            String.format(Locale.ROOT, "%.0f", status.failures()),
            Integer.toString(status.trips()),
            status.cause().kind() == null ? "-" : status.cause().kind().label(),
            status.cause().reason().isEmpty() ? "-" : status.cause().reason()
        };
    }

    private static String move(Transition move) {
        return "%s: %s -> %s%s"
                .formatted(
                        Visible.line(move.key().value()),
                        move.from().label(),
                        move.to().label(),
                        move.until() == null ? "" : " until " + Table.seconds(move.until()));
    }
}
