package dev.gantry.circuit;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitEvent.Merged;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.inference.CircuitTransition;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One circuit in the cache: the table's row, and the events that it does not hold yet. */
final class CachedCircuit {
    private Circuit row;
    private Circuit here;
    private final List<CircuitEvent> unsent = new ArrayList<>();

    /** How often the unsent have been folded into one. */
    private int folds;

    /** Where the last local announcement left it, while the table was out of reach. */
    private @Nullable Circuit announced;

    /** What the table is to take: these many events, made one row. */
    record Draft(Circuit seen, Circuit next, int events, int folds, boolean told) {
        CircuitStore.Change change() {
            return new CircuitStore.Change(seen, next, told);
        }
    }

    CachedCircuit(Circuit row) {
        this.row = row;
        this.here = row;
    }

    Circuit here() {
        return here;
    }

    /** As the table has it. */
    Circuit row() {
        return row;
    }

    boolean empty() {
        return unsent.isEmpty();
    }

    /** Whether the events have come to nothing. */
    boolean idle() {
        return here.equals(row);
    }

    void forget() {
        unsent.clear();
        announced = null;
    }

    /** Whether it moved anything. */
    boolean add(CircuitEvent event, CircuitSettings settings) {
        Circuit next = here.after(event, settings);
        if (next.equals(here)) {
            return false;
        }
        unsent.add(event);
        here = next;
        return true;
    }

    void learn(Circuit read, CircuitSettings settings) {
        row = read;
        here = row;
        for (CircuitEvent event : unsent) {
            here = here.after(event, settings);
        }
    }

    Draft draft(Instant now, String worker) {
        boolean moved = !row.movesTo(here, now, worker).isEmpty();
        // What time has done everybody knows without being told.
        boolean told = (moved && !here.state().equals(row.at(now))) || asks();
        return new Draft(row, here, unsent.size(), folds, told);
    }

    /** Whether others are asked for something: what they have seen, or a probe. */
    private boolean asks() {
        Instant suspected = here.window().suspected();
        boolean suspects = suspected != null && !suspected.equals(row.window().suspected());
        return suspects || (wanted(here.state()) && !wanted(row.state()));
    }

    private static boolean wanted(CircuitState state) {
        return state instanceof CircuitState.HalfOpen half
                && half.lease() != null
                && half.lease().wanted() != null;
    }

    List<CircuitTransition> written(
            Draft draft, Instant now, String worker, CircuitSettings settings) {
        Circuit before = announced == null ? draft.seen() : announced;
        announced = null;
        if (draft.folds() == folds) {
            unsent.subList(0, draft.events()).clear();
        }
        learn(draft.next().version(draft.seen().version() + 1), settings);
        return before.movesTo(draft.next(), now, worker);
    }

    /** Folds what is unsent into one event; returns the moves that nobody has announced yet. */
    List<CircuitTransition> keep(Instant now, String worker) {
        Circuit before = announced == null ? row : announced;
        folds++;
        unsent.clear();
        unsent.add(new Merged(now, row, here));
        announced = here;
        return before.movesTo(here, now, worker);
    }
}
