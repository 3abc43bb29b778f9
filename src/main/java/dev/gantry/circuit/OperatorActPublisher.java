package dev.gantry.circuit;

import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.inference.OperatorAct;

import org.springframework.dao.DataAccessException;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Tells what operators did, wherever they did it: each act by one worker, and by another if that
 * one dies before the telling is safe.
 */
final class OperatorActPublisher implements AutoCloseable {
    /**
     * A change of the circuits calls sooner; this is for what changed none, and for dead tellers.
     */
    private static final Duration POLL = Duration.ofSeconds(5);

    private final CircuitStore store;
    private final TransitionLog transitionLog;
    private final String worker;
    private final BooleanSupplier reachable;
    private final BackgroundLoop loop = BackgroundLoop.every(POLL, "operator-acts", this::pass);

    /** Being told by this worker. */
    private final Set<String> held = ConcurrentHashMap.newKeySet();

    /** Told, and still in the table. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    private volatile ActListener listener = (_, safe) -> safe.run();

    OperatorActPublisher(
            CircuitStore store,
            TransitionLog transitionLog,
            String worker,
            BooleanSupplier reachable) {
        this.store = store;
        this.transitionLog = transitionLog;
        this.worker = worker;
        this.reachable = reachable;
    }

    void listener(ActListener only) {
        listener = only;
    }

    void start() {
        loop.start();
    }

    /** There may be something to tell. */
    void call() {
        loop.call();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** Tells an act that this worker holds the claim of. */
    void tell(OperatorAct act) {
        if (held.add(act.id())) {
            transitionLog.announce(act.moves());
            listener.acted(act, () -> safe(act.id()));
        }
    }

    private void safe(String id) {
        told.add(id);
        held.remove(id);
        loop.call();
    }

    private void pass() {
        if (reachable.getAsBoolean()) {
            try {
                exchange();
            } catch (DataAccessException _) {
                // The sync says that the database is away; the claims lapse or are renewed.
            }
        }
    }

    private void exchange() {
        List<String> done = List.copyOf(told);
        if (!done.isEmpty()) {
            store.forgetActs(done);
            done.forEach(told::remove);
        }
        List<String> mine = List.copyOf(held);
        if (!mine.isEmpty()) {
            store.renewActs(mine, worker);
        }
        for (OperatorAct act : store.claimActs(worker)) {
            if (!told.contains(act.id())) {
                tell(act);
            }
        }
    }
}
