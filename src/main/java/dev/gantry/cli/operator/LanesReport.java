package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.cli.Table;
import dev.gantry.cli.Visible;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitTransition;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** What lanes has to say, to people and to programs. */
final class LanesReport {
    private static final String NOT_ALL =
            "Circuits without trouble have no row; a worker's /actuator/lanes lists every lane.";

    private LanesReport() {}

    static String text(CircuitAdmin.Listing listing) {
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

    static String text(OperatorAction action, List<CircuitTransition> moves) {
        if (moves.isEmpty()) {
            return "%s %s: nothing had to move"
                    .formatted(action.deed().label(), Visible.line(action.target().value()));
        }
        return String.join("\n", moves.stream().map(LanesReport::move).toList());
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

    private static String move(CircuitTransition move) {
        return "%s: %s -> %s%s"
                .formatted(
                        Visible.line(move.key().value()),
                        move.from().label(),
                        move.to().label(),
                        move.until() == null ? "" : " until " + Table.seconds(move.until()));
    }

    static ObjectNode json(CircuitAdmin.Listing listing) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("at", listing.at().toString());
        ArrayNode circuits = root.putArray("circuits");
        for (CircuitStatus status : listing.rows()) {
            ObjectNode row = circuits.addObject();
            row.put("circuit", status.key().value())
                    .put("state", status.state().name().label())
                    .put("since", status.state().since().toString());
            Instant until = status.state().until();
            if (until != null) {
                row.put("until", until.toString())
                        .put("left_ms", Duration.between(listing.at(), until).toMillis());
            }
            row.put("failures", status.failures()).put("trips", status.trips());
            cause(row, status.cause());
        }
        return root;
    }

    static ObjectNode json(OperatorAction action, List<CircuitTransition> moves) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("target", action.target().value())
                .put("action", action.deed().label())
                .put("actor", action.actor());
        ArrayNode transitions = root.putArray("transitions");
        for (CircuitTransition move : moves) {
            ObjectNode row = transitions.addObject();
            row.put("circuit", move.key().value())
                    .put("from", move.from().label())
                    .put("to", move.to().label())
                    .put("at", move.at().toString());
            if (move.until() != null) {
                row.put("until", move.until().toString());
            }
        }
        return root;
    }

    private static void cause(ObjectNode row, CircuitCause cause) {
        if (cause.kind() != null) {
            row.put("kind", cause.kind().label());
        }
        row.put("reason", cause.reason()).put("actor", cause.actor());
    }
}
