package dev.gantry.circuit.table;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.StateLabel;

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

    static String moves(List<CircuitTransition> moves) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (CircuitTransition move : moves) {
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
        Instant at = Objects.requireNonNull(CircuitRows.instant(row, "at"));
        long openMillis = row.getLong("open_ms");
        Duration time = row.wasNull() ? null : Duration.ofMillis(openMillis);
        JsonNode moves = JsonMapper.shared().readTree(row.getString("moves"));
        return new OperatorAct(
                row.getString("id"),
                at,
                row.getString("actor"),
                row.getString("target"),
                row.getString("deed"),
                time,
                row.getString("reason"),
                moves.valueStream().map(ActRows::transition).toList());
    }

    private static CircuitTransition transition(JsonNode row) {
        String kind = text(row, "kind");
        String until = text(row, "until");
        return new CircuitTransition(
                CircuitKey.parse(row.get("key").asString()),
                state(row, "from"),
                state(row, "to"),
                Instant.parse(row.get("at").asString()),
                until == null ? null : Instant.parse(until),
                new CircuitCause(
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
