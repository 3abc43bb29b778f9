package dev.gantry.circuit.table;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.FailureWindow;
import dev.gantry.circuit.state.Lease;
import dev.gantry.circuit.state.WorkerEvidence;
import dev.gantry.circuit.table.CircuitStore.Change;
import dev.gantry.circuit.table.CircuitStore.Testimony;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Circuits as rows: read column by column, written as one JSON array per statement. */
final class CircuitRows {
    private CircuitRows() {}

    static String json(List<Change> changes) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        changes.forEach(change -> write(change, rows.addObject()));
        return JsonMapper.shared().writeValueAsString(rows);
    }

    static String testimonies(Collection<Testimony> answers) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (Testimony answer : answers) {
            rows.addObject()
                    .put("key", answer.key().value())
                    .put("suspected_at", text(answer.asked()))
                    .put("worker", answer.evidence().worker())
                    .put("calls", answer.evidence().calls())
                    .put("failures", answer.evidence().failures())
                    .put("unknowns", answer.evidence().unknowns());
        }
        return JsonMapper.shared().writeValueAsString(rows);
    }

    static Testimony testimony(ResultSet row) throws SQLException {
        WorkerEvidence evidence =
                new WorkerEvidence(
                        row.getString("worker"),
                        row.getInt("calls"),
                        row.getInt("failures"),
                        row.getInt("unknowns"));
        return new Testimony(
                CircuitKey.parse(row.getString("key")), present(row, "suspected_at"), evidence);
    }

    private static void write(Change change, ObjectNode row) {
        Circuit next = change.next();
        row.put("key", next.key().value())
                .put("trips", next.trips())
                .put("kind", next.cause().kind() == null ? null : next.cause().kind().label())
                .put("reason", next.cause().reason())
                .put("actor", next.cause().actor())
                .put("counted_from", text(next.window().from()))
                .put("calls", next.window().calls())
                .put("failures", next.window().failures())
                .put("unknowns", next.window().unknowns())
                .put("suspected_at", text(next.window().suspected()))
                .put("version", change.seen().version() + 1)
                .put("told", change.told());
        write(next.state(), row);
    }

    private static void write(CircuitState state, ObjectNode row) {
        row.put("state", state.state().label()).put("since", text(state.since()));
        if (state instanceof CircuitState.Open(_, Instant until, CircuitState.End end)) {
            row.put("until", text(until)).put("ends_by", end.name().toLowerCase(Locale.ROOT));
        }
        if (state instanceof CircuitState.HalfOpen half && half.lease() != null) {
            row.put("lease_owner", half.lease().owner())
                    .put("lease_from", text(half.lease().from()))
                    .put("lease_until", text(half.lease().until()))
                    .put("lease_wanted_at", text(half.lease().wanted()));
        }
    }

    static Circuit read(CircuitKey key, ResultSet row) throws SQLException {
        String kind = row.getString("kind");
        CircuitCause cause =
                new CircuitCause(
                        kind == null ? null : kind(kind),
                        row.getString("reason"),
                        row.getString("actor"));
        CircuitState state = state(row);
        return new Circuit(
                key, state, row.getInt("trips"), cause, window(row, state), row.getLong("version"));
    }

    private static FailureWindow window(ResultSet row, CircuitState state) throws SQLException {
        return new FailureWindow(
                instant(row, "counted_from"),
                row.getDouble("calls"),
                row.getDouble("failures"),
                row.getDouble("unknowns"),
                state instanceof CircuitState.Closed
                        ? since(row, "suspected_at", state.since())
                        : null);
    }

    /** What the previous release left in place of an earlier state is of no concern. */
    private static @Nullable Instant since(ResultSet row, String column, Instant from)
            throws SQLException {
        Instant at = instant(row, column);
        return at == null || at.isBefore(from) ? null : at;
    }

    /** A newer release may know more of them. */
    private static ErrorKind kind(String label) {
        try {
            return ErrorKind.valueOf(label.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException _) {
            return ErrorKind.UNKNOWN;
        }
    }

    /** Null: a newer release's circuit, of a lane that this one cannot have. */
    static @Nullable CircuitKey key(ResultSet row) throws SQLException {
        String key = row.getString("key");
        try {
            return key == null ? null : CircuitKey.parse(key);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static CircuitState state(ResultSet row) throws SQLException {
        Instant since = present(row, "since");
        String state = row.getString("state").toUpperCase(Locale.ROOT);
        return switch (StateLabel.valueOf(state)) {
            case CLOSED -> new CircuitState.Closed(since);
            case OPEN ->
                    new CircuitState.Open(
                            since,
                            present(row, "until"),
                            CircuitState.End.valueOf(
                                    row.getString("ends_by").toUpperCase(Locale.ROOT)));
            case HALF_OPEN -> new CircuitState.HalfOpen(since, lease(row));
            case DENIED -> new CircuitState.Denied(since);
        };
    }

    private static @Nullable Lease lease(ResultSet row) throws SQLException {
        if (!row.getBoolean("lease_lives")) {
            return null;
        }
        Instant from = present(row, "lease_from");
        return new Lease(
                row.getString("lease_owner"),
                from,
                present(row, "lease_until"),
                since(row, "lease_wanted_at", from));
    }

    private static Instant present(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(instant(row, column));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
