package dev.gantry.circuit.table;

import dev.gantry.circuit.state.Cause;
import dev.gantry.circuit.state.CircuitKey;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.OperatorAct;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.StateLabel;
import dev.gantry.circuit.state.Transition;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Operators' acts as rows; the transitions are a JSON array. */
final class ActRows {
    private ActRows() {}

    static String moves(List<Transition> moves) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Transition move : moves) {
            ObjectNode row = array.addObject();
            row.put("key", move.key().value())
                    .put("from", move.from().label())
                    .put("to", move.to().label())
                    .put("at", move.at().toString())
                    .put("reason", move.cause().reason())
                    .put("actor", move.cause().actor());
            if (move.until() != null) {
                row.put("until", move.until().toString());
            }
            if (move.cause().kind() != null) {
                row.put("kind", move.cause().kind().label());
            }
        }
        return JsonMapper.shared().writeValueAsString(array);
    }

    static OperatorAct read(ResultSet row) throws SQLException {
        OperatorAction action =
                new OperatorAction(
                        new CircuitTarget(row.getString("target")),
                        deed(row.getString("deed"), row.getLong("open_ms")),
                        row.getString("reason"),
                        row.getString("actor"));
        Instant at = Objects.requireNonNull(CircuitRows.instant(row, "at"));
        JsonNode moves = JsonMapper.shared().readTree(row.getString("moves"));
        return new OperatorAct(
                row.getString("id"),
                at,
                action,
                moves.valueStream().map(ActRows::transition).toList());
    }

    private static OperatorAction.Deed deed(String word, long openMillis) {
        return switch (word) {
            case "open" -> new OperatorAction.Open(Duration.ofMillis(openMillis));
            case "deny" -> new OperatorAction.Deny();
            default -> new OperatorAction.Reset();
        };
    }

    private static Transition transition(JsonNode row) {
        String kind = text(row, "kind");
        String until = text(row, "until");
        return new Transition(
                CircuitKey.parse(row.get("key").asString()),
                state(row, "from"),
                state(row, "to"),
                Instant.parse(row.get("at").asString()),
                until == null ? null : Instant.parse(until),
                new Cause(
                        kind == null ? null : ErrorKind.valueOf(kind.toUpperCase(Locale.ROOT)),
                        row.get("reason").asString(),
                        row.get("actor").asString()));
    }

    private static StateLabel state(JsonNode row, String name) {
        return StateLabel.valueOf(row.get(name).asString().toUpperCase(Locale.ROOT));
    }

    private static @Nullable String text(JsonNode row, String name) {
        JsonNode value = row.get(name);
        return value == null ? null : value.asString();
    }
}
