package dev.gantry.cli.operator;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.cli.Table;
import dev.gantry.cli.Visible;
import dev.gantry.fleet.RecordedLane;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.StateLabel;
import dev.gantry.limit.RecordedLimits;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What lanes has to say, to people and to programs. */
final class LanesReport {
    private static final String NOT_ALL =
            "No live worker has recorded its lanes; circuits without trouble have no row.";

    /** Of a table, whatever reasons and lanes' names are long. */
    private static final int WIDTH = 110;

    private LanesReport() {}

    /** Each circuit that ever moved, and each lane that workers offer or offered an hour ago. */
    static String text(CircuitAdmin.Listing listing, Collection<RecordedLane> lanes) {
        Map<String, RecordedLane> offered = new TreeMap<>();
        lanes.forEach(lane -> circuit(lane).ifPresent(key -> offered.put(key.value(), lane)));
        Map<String, CircuitStatus> moved = new TreeMap<>();
        listing.rows().forEach(row -> moved.put(row.key().value(), row));
        if (offered.isEmpty() && moved.isEmpty()) {
            return "All lanes are as new: no circuit has ever moved.\n" + NOT_ALL;
        }
        Table table =
                new Table("circuit", "state", "for", "until", "calls", "waiting", "pace", "reason");
        var all = new TreeSet<>(moved.keySet());
        all.addAll(offered.keySet());
        for (String circuit : all) {
            List<String> cells = new ArrayList<>(List.of(circuit));
            cells.addAll(state(moved.get(circuit), listing.at()));
            cells.addAll(3 + 1, load(offered.get(circuit)));
            table.add(cells.toArray(String[]::new));
        }
        return table.fit(WIDTH) + (offered.isEmpty() ? NOT_ALL : "");
    }

    /** What the fleet keeps; nothing where there is no limit. */
    static String text(List<RecordedLimits.Row> limits) {
        if (limits.isEmpty()) {
            return "";
        }
        Table table = new Table("limit of", "counts", "at most", "workers", "source");
        for (RecordedLimits.Row row : limits) {
            table.add(
                    row.scope(),
                    row.dimension(),
                    String.format(Locale.ROOT, "%,.0f", row.limit()),
                    Integer.toString(row.sharers()),
                    row.source());
        }
        return "\n" + table.fit(WIDTH);
    }

    /** What a lane's circuit is called; empty for a lane that only a newer release knows. */
    static Optional<CircuitKey> circuit(RecordedLane lane) {
        try {
            return Optional.of(CircuitKey.parse(new CircuitTarget(lane.lane()).value()));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** State, for how long, until when, why. */
    private static List<String> state(@Nullable CircuitStatus status, Instant now) {
        if (status == null) {
            return List.of(StateLabel.CLOSED.label(), "-", "-", "-");
        }
        Instant since = status.state().since();
        Instant until = status.state().until();
        CircuitCause cause = status.cause();
        String why =
                Stream.of(cause.kind() == null ? "" : cause.kind().label(), cause.reason())
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(": "));
        return List.of(
                status.state().name().label(),
                since.equals(Instant.EPOCH) ? "-" : Table.span(Duration.between(since, now)),
                until == null ? "-" : "in " + Table.span(Duration.between(now, until)),
                why.isEmpty() ? "-" : why);
    }

    /** Calls, waiting, pace. */
    private static List<String> load(@Nullable RecordedLane lane) {
        if (lane == null) {
            return List.of("-", "-", "-");
        }
        if (lane.workers() == 0) {
            return List.of("no worker", "-", "-");
        }
        return List.of(
                Integer.toString(lane.inFlight()),
                Integer.toString(lane.waiting()),
                lane.perSecond() == null
                        ? "-"
                        : String.format(Locale.ROOT, "%,.1f/s", lane.perSecond()));
    }

    static String text(OperatorAction action, List<CircuitTransition> moves) {
        if (moves.isEmpty()) {
            return "%s %s: nothing had to move"
                    .formatted(action.deed().label(), Visible.line(action.target().value()));
        }
        return String.join("\n", moves.stream().map(LanesReport::move).toList());
    }

    private static String move(CircuitTransition move) {
        return "%s: %s -> %s%s"
                .formatted(
                        Visible.line(move.key().value()),
                        move.from().label(),
                        move.to().label(),
                        move.until() == null ? "" : " until " + Table.seconds(move.until()));
    }

    static ObjectNode json(
            CircuitAdmin.Listing listing,
            Collection<RecordedLane> lanes,
            List<RecordedLimits.Row> limits) {
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
        ArrayNode offered = root.putArray("lanes");
        for (RecordedLane lane : lanes) {
            ObjectNode row =
                    offered.addObject()
                            .put("lane", lane.lane())
                            .put("workers", lane.workers())
                            .put("in_flight", lane.inFlight())
                            .put("waiting", lane.waiting());
            if (lane.perSecond() != null) {
                row.put("per_second", Math.round(lane.perSecond() * 10) / 10.0);
            }
        }
        ArrayNode kept = root.putArray("limits");
        for (RecordedLimits.Row row : limits) {
            kept.addObject()
                    .put("scope", row.scope())
                    .put("dimension", row.dimension())
                    .put("limit", Math.round(row.limit()))
                    .put("source", row.source())
                    .put("sharers", row.sharers());
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
