package dev.gantry.circuit;

import dev.gantry.circuit.state.AvailabilityTimeline;
import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.CircuitTable;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.OperatorAct;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import javax.sql.DataSource;

/** Circuits for operators: what is in the store, and how to change it; needs no running worker. */
public final class CircuitAdmin {
    private static final int TRIES = 10;

    private final CircuitStore store;

    public CircuitAdmin(DataSource dataSource, SchemaName schema) {
        this(new CircuitTable(dataSource, schema, "operator"));
    }

    CircuitAdmin(CircuitStore store) {
        this.store = store;
    }

    /**
     * Every circuit that ever moved.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<CircuitStatus> rows() {
        return listing().rows();
    }

    /**
     * Every circuit that ever moved, and when that was read.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public Listing listing() {
        CircuitStore.Snapshot read = store.read(CircuitStore.ALL);
        return new Listing(
                read.at(),
                read.rows().stream()
                        .map(row -> CircuitStatus.of(row, read.at()))
                        .sorted(Comparator.comparing(each -> each.key().value()))
                        .toList());
    }

    /**
     * How every lane stands, as the table is now: each of them is as a worker sees it that holds
     * nothing back by itself.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public Function<LaneId, LaneAvailability> availabilities() {
        CircuitStore.Snapshot read = store.read(CircuitStore.ALL);
        Map<CircuitKey, Circuit> rows = new HashMap<>();
        read.rows().forEach(row -> rows.put(row.key(), row));
        long now = FleetClock.nanos(read.at());
        Function<CircuitKey, List<Circuit>> row =
                key -> List.of(rows.getOrDefault(key, Circuit.pristine(key)));
        return lane ->
                AvailabilityTimeline.of(
                                row.apply(CircuitKey.ofLane(lane)),
                                row.apply(CircuitKey.ofInstance(lane)))
                        .at(now);
    }

    /**
     * All rows at one moment.
     *
     * @param at on the database's clock
     */
    public record Listing(Instant at, List<CircuitStatus> rows) {}

    /**
     * Does it in one statement, among the rows of the table and {@code known}; an exact name need
     * not be among them. A worker publishes it. Returns the transitions: none if nothing matched or
     * nothing had to move.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<CircuitTransition> operate(OperatorAction action, Collection<CircuitKey> known) {
        return acts(action, known, null).stream().flatMap(act -> act.moves().stream()).toList();
    }

    /**
     * Mostly one act; another for each time that some circuits moved between reading and writing.
     *
     * @param teller who publishes them; null: whoever claims them
     */
    List<OperatorAct> acts(
            OperatorAction action, Collection<CircuitKey> known, @Nullable String teller) {
        List<OperatorAct> acts = new ArrayList<>();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            Order order = order(action, known);
            if (order.changes().isEmpty() && !acts.isEmpty()) {
                return acts;
            }
            Set<CircuitKey> won = store.obey(order.changes(), order.act(), teller);
            if (!won.isEmpty() || order.changes().isEmpty()) {
                acts.add(order.act().within(won));
            }
            if (won.size() == order.changes().size()) {
                return acts;
            }
        }
        throw new IllegalStateException(
                "target %s: the circuits move too fast, try again"
                        .formatted(action.target().value()));
    }

    /** What is to be written, and what it will have been. */
    private record Order(List<CircuitStore.Change> changes, OperatorAct act) {}

    private Order order(OperatorAction action, Collection<CircuitKey> known) {
        CircuitStore.Snapshot read = store.read(CircuitStore.ALL);
        Instant now = read.at();
        Map<CircuitKey, Circuit> rows = new HashMap<>();
        read.rows().forEach(row -> rows.put(row.key(), row));
        List<CircuitStore.Change> changes = new ArrayList<>();
        List<CircuitTransition> moves = new ArrayList<>();
        for (CircuitKey key : meant(action.target(), known, rows.keySet())) {
            Circuit seen = rows.getOrDefault(key, Circuit.pristine(key));
            Circuit next = seen.obey(action.order(now));
            if (!next.equals(seen)) {
                changes.add(new CircuitStore.Change(seen, next, true));
                moves.addAll(seen.movesTo(next, now, action.actor()));
            }
        }
        String id = UUID.randomUUID().toString();
        return new Order(changes, action.act(id, now, moves));
    }

    private static Set<CircuitKey> meant(
            CircuitTarget target, Collection<CircuitKey> known, Set<CircuitKey> rows) {
        if (target.exact()) {
            return Set.of(CircuitKey.parse(target.value()));
        }
        Set<CircuitKey> all = new LinkedHashSet<>(known);
        all.addAll(rows);
        return target.among(all);
    }
}
