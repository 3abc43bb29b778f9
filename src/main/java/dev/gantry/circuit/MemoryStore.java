package dev.gantry.circuit;

import org.jspecify.annotations.Nullable;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Circuits of one process, which nobody else shares. */
final class MemoryStore implements CircuitStore {
    private final InstantSource clock;

    /** Guarded by this. */
    private final Map<CircuitKey, Circuit> rows = new HashMap<>();

    MemoryStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized Snapshot read() {
        return new Snapshot(
                clock.instant().truncatedTo(ChronoUnit.MICROS), List.copyOf(rows.values()));
    }

    @Override
    public synchronized Set<CircuitKey> replace(List<Change> changes) {
        Set<CircuitKey> won = new HashSet<>();
        for (Change change : changes) {
            CircuitKey key = change.next().key();
            Circuit row = rows.get(key);
            if ((row == null ? 0 : row.version()) == change.seen().version()) {
                rows.put(key, change.next().version(change.seen().version() + 1));
                won.add(key);
            }
        }
        return won;
    }

    /** Nobody else could claim it: who obeys also tells. */
    @Override
    public Set<CircuitKey> obey(List<Change> changes, OperatorAct act, @Nullable String teller) {
        return replace(changes);
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
