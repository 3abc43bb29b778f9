package dev.gantry.circuit;

import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.CircuitStore.Change;
import dev.gantry.circuit.table.CircuitStore.Snapshot;
import dev.gantry.circuit.table.CircuitStore.Testimony;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.CircuitKey;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Brings the cache and the store together: reads, writes, and goes on without the store while it is
 * away. One thread makes all its statements.
 */
final class CircuitSync {
    private static final Logger LOG = LoggerFactory.getLogger(CircuitSync.class);
    private static final long FLEET_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long SWEEP_NANOS = Duration.ofMinutes(5).toNanos();
    private static final long POLL_NANOS = Duration.ofSeconds(1).toNanos();

    /** Each lost race means that another worker has won one. */
    private static final int TRIES = 8;

    private final CircuitCache cache;
    private final CircuitStore store;
    private final FleetClock clock;
    private final TransitionLog transitionLog;
    private final String worker;

    private volatile boolean readWanted = true;
    private volatile boolean reachable;

    /** Of the last statement. */
    private volatile @Nullable SqlTrouble trouble;

    private volatile long readAt;

    /** Those alive when last asked. */
    private volatile Set<String> workers = Set.of();

    /** Ticks; these five only the syncing thread uses. */
    private long workersAt;

    private long sweptAt;
    private long mark = CircuitStore.ALL;

    /** Suspicions that this worker's statements have raised. */
    private final Map<CircuitKey, Instant> raised = new HashMap<>();

    /** When the last read that was answered had been asked; ticks. Guarded by this. */
    private long knownTo;

    /** Ticks; only the syncing thread uses it. */
    private long triedAt;

    private boolean said;

    CircuitSync(
            CircuitCache cache,
            CircuitStore store,
            FleetClock clock,
            TransitionLog transitionLog,
            String worker) {
        this.cache = cache;
        this.store = store;
        this.clock = clock;
        this.transitionLog = transitionLog;
        this.worker = worker;
        this.triedAt = clock.ticks() - POLL_NANOS;
        this.readAt = clock.ticks();
        this.workersAt = readAt - FLEET_NANOS;
        this.sweptAt = readAt;
        this.knownTo = readAt;
    }

    /** The table has changed, or may have. */
    void wantRead() {
        readWanted = true;
    }

    boolean reachable() {
        return reachable;
    }

    /** Why it is not reachable; null: it is, or has not been asked yet. */
    @Nullable SqlTrouble trouble() {
        return trouble;
    }

    Duration age() {
        return Duration.ofNanos(clock.ticks() - readAt);
    }

    /** Reads if it is time; while the store is away this is how its return is noticed. */
    void readIfDue() {
        boolean due = clock.ticks() - triedAt >= POLL_NANOS;
        if (due || (readWanted && reachable)) {
            attempt(this::read);
        }
        if (reachable && clock.ticks() - workersAt >= FLEET_NANOS) {
            attempt(this::count);
        }
        if (reachable && clock.ticks() - sweptAt >= SWEEP_NANOS) {
            sweptAt = clock.ticks();
            attempt(store::sweep);
        }
    }

    private void count() {
        workersAt = clock.ticks();
        workers = store.workers();
    }

    /** The workers that were alive a moment ago; none while there is nobody to ask. */
    Set<String> workers() {
        return workers;
    }

    /** Whether there is nobody else to ask. */
    boolean alone() {
        if (workers.size() <= 1 && reachable) {
            attempt(this::count);
        }
        return workers.size() <= 1;
    }

    /** Whether this worker has raised the suspicion of that moment. */
    boolean raised(CircuitKey key, Instant asked) {
        return asked.equals(raised.get(key));
    }

    boolean testify(List<Testimony> answers) {
        return reachable && attempt(() -> store.testify(answers));
    }

    /** Null: the store does not say. */
    @Nullable List<Testimony> testimonies(Collection<CircuitKey> keys) {
        List<Testimony> heard = new ArrayList<>();
        return attempt(() -> heard.addAll(store.testimonies(keys))) ? heard : null;
    }

    long untilRead() {
        return readWanted && reachable ? 0 : POLL_NANOS - (clock.ticks() - triedAt);
    }

    /** Writes what the store does not know; away, it is kept and said here alone. */
    void send() {
        if (!reachable || !attempt(this::write)) {
            keep();
        }
    }

    /** Says here alone what the store cannot be told now. */
    void keep() {
        transitionLog.announce(cache.keep());
    }

    /** Asks for an echo; whether it was sent. */
    boolean echo() {
        return reachable && attempt(store::echo);
    }

    private void read() {
        readWanted = false;
        long asked = clock.ticks();
        triedAt = asked;
        boolean whole = mark == CircuitStore.ALL;
        Snapshot read = store.read(mark);
        long answered = clock.ticks();
        clock.sample(asked, read.at(), answered);
        readAt = answered;
        if (whole) {
            cache.learnAll(read.rows());
        } else {
            cache.learn(read.rows());
        }
        mark = read.mark();
        knows(asked);
    }

    private synchronized void knows(long ticks) {
        knownTo = ticks;
        notifyAll();
    }

    /** Waits until all that the table held at that tick is known here, but no longer than so. */
    synchronized void awaitKnown(long ticks, Duration within) throws InterruptedException {
        long begun = System.nanoTime();
        long left = within.toNanos();
        while (knownTo - ticks < 0 && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = within.toNanos() - (System.nanoTime() - begun);
        }
    }

    /** A lost race is run again upon the row that won. */
    private void write() {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            Map<CircuitKey, CachedCircuit.Draft> drafts = cache.drafts();
            if (drafts.isEmpty()) {
                return;
            }
            List<Change> changes =
                    drafts.values().stream().map(CachedCircuit.Draft::change).toList();
            Set<CircuitKey> won = store.replace(changes);
            for (CircuitKey key : won) {
                CachedCircuit.Draft draft = drafts.get(key);
                if (draft != null) {
                    remember(key, draft);
                    transitionLog.announce(cache.written(key, draft));
                }
            }
            if (won.size() == drafts.size()) {
                return;
            }
            read();
        }
    }

    private void remember(CircuitKey key, CachedCircuit.Draft draft) {
        Instant asked = draft.next().window().suspected();
        if (asked == null) {
            raised.remove(key);
        } else if (!asked.equals(draft.seen().window().suspected())) {
            raised.put(key, asked);
        }
    }

    private boolean attempt(Runnable statement) {
        try {
            statement.run();
            arrived();
            return true;
        } catch (RuntimeException e) {
            // Whatever the store's trouble, what is known here serves on.
            gone(e);
            return false;
        }
    }

    private void arrived() {
        if (!reachable) {
            reachable = true;
            trouble = null;
            if (said) {
                said = false;
                LOG.atInfo().addKeyValue("worker", worker).log("circuits are shared again");
            }
        }
    }

    private void gone(RuntimeException cause) {
        trouble = SqlTrouble.of(cause);
        reachable = false;
        // It may be another database that comes back.
        mark = CircuitStore.ALL;
        clock.forget();
        if (!said) {
            said = true;
            LOG.atLevel(SqlTrouble.of(cause).level())
                    .addKeyValue("worker", worker)
                    .addKeyValue("error", SqlTrouble.sentence(cause))
                    .log("circuits go on alone");
        }
    }
}
