package dev.gantry.circuit.table;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.OperatorAct;

import org.jspecify.annotations.Nullable;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Circuits of one process: of its one worker, or of all that share this. */
public final class MemoryStore implements CircuitStore {
    private final InstantSource clock;

    /** Guarded by this, as the rest is. */
    private final Map<CircuitKey, Row> rows = new HashMap<>();

    private final Map<CircuitKey, List<Testimony>> testimonies = new HashMap<>();
    private final Set<String> workers = new HashSet<>();
    private long changes;

    private record Row(Circuit circuit, long changed) {}

    public MemoryStore(InstantSource clock) {
        this.clock = clock;
    }

    /** For as long as this process lives. */
    public synchronized void join(String worker) {
        workers.add(worker);
    }

    /** How often a row has been written. */
    public synchronized long changes() {
        return changes;
    }

    @Override
    public synchronized Snapshot read(long mark) {
        List<Circuit> read =
                mark >= changes
                        ? List.of()
                        : rows.values().stream()
                                .filter(row -> row.changed > mark)
                                .map(Row::circuit)
                                .toList();
        return new Snapshot(clock.instant().truncatedTo(ChronoUnit.MICROS), read, changes);
    }

    @Override
    public synchronized Set<CircuitKey> replace(List<Change> asked) {
        Set<CircuitKey> won = new HashSet<>();
        for (Change change : asked) {
            CircuitKey key = change.next().key();
            Row row = rows.get(key);
            if ((row == null ? 0 : row.circuit.version()) == change.seen().version()) {
                Circuit next = change.next().version(change.seen().version() + 1);
                rows.put(key, new Row(next, ++changes));
                won.add(key);
            }
        }
        return won;
    }

    @Override
    public synchronized Set<String> workers() {
        return Set.copyOf(workers);
    }

    @Override
    public synchronized void testify(Collection<Testimony> answers) {
        for (Testimony answer : answers) {
            List<Testimony> heard =
                    testimonies.computeIfAbsent(answer.key(), _ -> new ArrayList<>());
            heard.removeIf(
                    each ->
                            each.asked().isBefore(answer.asked())
                                    || each.evidence().worker().equals(answer.evidence().worker()));
            heard.add(answer);
        }
    }

    @Override
    public synchronized List<Testimony> testimonies(Collection<CircuitKey> keys) {
        return keys.stream()
                .flatMap(key -> testimonies.getOrDefault(key, List.of()).stream())
                .toList();
    }

    /** There is no more than this process can hold. */
    @Override
    public void sweep() {}

    /** Nobody else could claim it: who obeys also tells. */
    @Override
    public Set<CircuitKey> obey(List<Change> asked, OperatorAct act, @Nullable String teller) {
        return replace(asked);
    }

    @Override
    public List<OperatorAct> claimActs(String teller) {
        return List.of();
    }

    @Override
    public void renewActs(Collection<String> ids, String teller) {}

    @Override
    public void forgetActs(Collection<String> ids) {}

    @Override
    public void echo() {}
}
