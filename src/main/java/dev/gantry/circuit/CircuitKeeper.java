package dev.gantry.circuit;

import dev.gantry.circuit.state.CircuitScopes;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.Lease;
import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.inference.CircuitKey;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keeps the circuits going in the background. One thread keeps time and never waits for the
 * database; one makes the statements; one listens.
 */
final class CircuitKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CircuitKeeper.class);

    /** No moment is missed by more, whatever becomes of the clock. */
    private static final long LONGEST_REST = Duration.ofMillis(250).toNanos();

    private static final long LATEST_SWEEP = Duration.ofMillis(500).toNanos();

    private final FleetClock clock;
    private final CircuitCache cache;
    private final OutcomeReports outcomeReports;
    private final TransitionLog transitionLog = new TransitionLog();
    private final ClaimedProbes claimed = new ClaimedProbes();
    private final ProbeClaims claims;
    private final CircuitSync sync;
    private final Suspicions suspicions;
    private final ListenCheck check;
    private final OperatorActPublisher acts;
    private final @Nullable NotificationListener ear;
    private final BackgroundLoop time =
            BackgroundLoop.of("circuit-time", () -> Duration.ofNanos(keepTime()));
    private final BackgroundLoop table =
            BackgroundLoop.of("circuit-table", () -> Duration.ofNanos(keepTable()));

    /** What else is listened for, on the same connection: a worker has few. */
    private final Map<String, Consumer<String>> heard = new ConcurrentHashMap<>();

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean shown = new AtomicBoolean();

    /** Spread, so that one worker records the end of a circuit and the others see that it did. */
    private final long sweepAfter;

    /** Up to when moments have been looked at; only the time's thread uses it. */
    private long seenTo;

    CircuitKeeper(CircuitSettings settings, CircuitScopes scopes, Wiring wiring) {
        RandomGenerator random = wiring.random();
        String worker = wiring.worker();
        this.clock = wiring.clock();
        this.cache = new CircuitCache(settings, clock, worker, watch());
        this.outcomeReports = new OutcomeReports(cache, scopes, clock, worker, random, time::call);
        this.sync = new CircuitSync(cache, wiring.store(), clock, transitionLog, worker);
        this.claims = new ProbeClaims(cache, claimed, clock, worker, sync::workers, random);
        this.suspicions = new Suspicions(cache, sync, clock, worker, random);
        this.check = new ListenCheck(clock::ticks);
        this.acts =
                new OperatorActPublisher(wiring.store(), transitionLog, worker, sync::reachable);
        this.ear = ear(wiring.listening());
        this.sweepAfter = random.nextLong(LATEST_SWEEP);
        this.seenTo = clock.nanos();
    }

    CircuitCache cache() {
        return cache;
    }

    OutcomeReports outcomeReports() {
        return outcomeReports;
    }

    ClaimedProbes claimed() {
        return claimed;
    }

    Suspicions suspicions() {
        return suspicions;
    }

    CircuitSync sync() {
        return sync;
    }

    TransitionLog transitionLog() {
        return transitionLog;
    }

    OperatorActPublisher acts() {
        return acts;
    }

    ListenCheck check() {
        return check;
    }

    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** A half-open lane is wanted, or the like: do not wait for the next turn. */
    void hasten() {
        time.call();
        table.call();
    }

    /** The table has changed. */
    void news() {
        sync.wantRead();
        table.call();
        acts.call();
    }

    void hear(String channel, Consumer<String> payload) {
        heard.put(channel, payload);
    }

    void start() {
        time.start();
        table.start();
        acts.start();
        if (ear != null) {
            ear.start();
        }
    }

    /** Gives back the probes that nobody took. */
    @Override
    public void close() {
        abandon();
        claims.leave();
        sync.send();
    }

    /** Stops as a killed process does. */
    void abandon() {
        if (ear != null) {
            ear.close();
        }
        time.close();
        table.close();
        acts.close();
    }

    private @Nullable NotificationListener ear(Wiring.@Nullable Listening listening) {
        return listening == null
                ? null
                : new NotificationListener(
                        listening.source(), listening.notification(), this::news, heard, check);
    }

    private CircuitCache.Watch watch() {
        return new CircuitCache.Watch() {
            @Override
            public void unsent() {
                table.call();
            }

            @Override
            public void shown() {
                shown.set(true);
                time.call();
            }
        };
    }

    private long keepTime() {
        long rest = Math.min(outcomeReports.collect(), LONGEST_REST);
        claims.review();
        long now = clock.nanos();
        cache.expire(now - sweepAfter);
        if (!sync.reachable()) {
            sync.keep();
            claim(sync::keep);
        }
        boolean passed = cache.nextMoment(seenTo) <= now;
        seenTo = now;
        if (passed) {
            table.call();
        }
        if (shown.getAndSet(false) || passed) {
            listeners.forEach(CircuitKeeper::tell);
        }
        return Math.min(rest, cache.nextMoment(now) - now);
    }

    private long keepTable() {
        sync.readIfDue();
        long judged = Long.MAX_VALUE;
        if (sync.reachable()) {
            sync.send();
            judged = suspicions.pass();
            claim(sync::send);
            if (check.due() && sync.echo()) {
                check.sent();
            }
        }
        return Math.min(Math.min(sync.untilRead(), judged), claims.untilTurn());
    }

    /** One pass of each loop, for whoever keeps the time by hand instead of starting this. */
    void pass() {
        keepTime();
        keepTable();
    }

    /** A claim for an instance may make one of its lanes' due: so another turn follows. */
    private void claim(Runnable decide) {
        Map<CircuitKey, Lease> claimed = claims.claim();
        if (claimed.isEmpty()) {
            return;
        }
        decide.run();
        if (claims.confirm(claimed)) {
            shown.set(true);
            hasten();
        }
    }

    /** A listener's bug must not keep the circuits from moving. */
    private static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("change of circuits not told");
        }
    }
}
