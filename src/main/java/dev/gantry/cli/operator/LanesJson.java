package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.Cause;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.Transition;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What lanes has to say as one JSON object on one line. */
final class LanesJson {
    private LanesJson() {}

    static String of(CircuitAdmin.Listing listing) {
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
        return root.toString();
    }

    static String of(OperatorAction action, List<Transition> moves) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("target", action.target().value())
                .put("action", action.deed().label())
                .put("actor", action.actor());
        ArrayNode transitions = root.putArray("transitions");
        for (Transition move : moves) {
            ObjectNode row = transitions.addObject();
            row.put("circuit", move.key().value())
                    .put("from", move.from().label())
                    .put("to", move.to().label())
                    .put("at", move.at().toString());
            if (move.until() != null) {
                row.put("until", move.until().toString());
            }
        }
        return root.toString();
    }

    private static void cause(ObjectNode row, Cause cause) {
        if (cause.kind() != null) {
            row.put("kind", cause.kind().label());
        }
        row.put("reason", cause.reason()).put("actor", cause.actor());
    }
}
