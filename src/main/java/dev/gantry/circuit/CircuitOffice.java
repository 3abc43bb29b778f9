package dev.gantry.circuit;

import dev.gantry.fleet.SchemaName;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

/** Circuits for operators: what is in the store, and how to change it; needs no running worker. */
public final class CircuitOffice {
    private static final int TRIES = 10;

    private final CircuitStore store;

    public CircuitOffice(DataSource dataSource, SchemaName schema) {
        this(new CircuitTable(dataSource, schema, "operator"));
    }

    CircuitOffice(CircuitStore store) {
        this.store = store;
    }

    /**
     * Every circuit that ever moved.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<CircuitStatus> rows() {
        CircuitStore.Snapshot read = store.read();
        return read.rows().stream()
                .map(row -> CircuitStatus.of(row, read.at()))
                .sorted(Comparator.comparing(each -> each.key().value()))
                .toList();
    }

    /**
     * Does it in one statement, among the rows of the table and {@code known}; an exact name need
     * not be among them. Returns the transitions: none if nothing matched or nothing had to move.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<Transition> operate(OperatorAction action, Collection<CircuitKey> known) {
        List<Transition> moves = new ArrayList<>();
        for (int attempt = 0; attempt < TRIES; attempt++) {
            if (operate(action, known, moves)) {
                return moves;
            }
        }
        throw new IllegalStateException(
                "target %s: the circuits move too fast, try again".formatted(action.target()));
    }

    /** Whether none of the rows has changed between reading and writing. */
    private boolean operate(
            OperatorAction action, Collection<CircuitKey> known, List<Transition> moves) {
        CircuitStore.Snapshot read = store.read();
        Instant now = read.at();
        Map<CircuitKey, Circuit> rows = new HashMap<>();
        read.rows().forEach(row -> rows.put(row.key(), row));
        List<CircuitStore.Change> changes = new ArrayList<>();
        for (CircuitKey key : meant(action.target(), known, rows.keySet())) {
            Circuit seen = rows.getOrDefault(key, Circuit.pristine(key));
            Circuit next = seen.obey(action.order(now));
            if (!next.equals(seen)) {
                changes.add(new CircuitStore.Change(seen, next, true));
            }
        }
        Set<CircuitKey> won = changes.isEmpty() ? Set.of() : store.replace(changes);
        for (CircuitStore.Change change : changes) {
            if (won.contains(change.next().key())) {
                moves.addAll(Transition.between(change.seen(), change.next(), now, action.actor()));
            }
        }
        return won.size() == changes.size();
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
