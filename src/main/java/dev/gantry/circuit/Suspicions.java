package dev.gantry.circuit;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitEvent.Judged;
import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.Quorum;
import dev.gantry.circuit.state.WorkerEvidence;
import dev.gantry.circuit.table.CircuitStore.Testimony;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Answers what the fleet suspects, and judges once the others have had time to answer. Used by the
 * table's thread; what it found out about this worker may be asked for by any.
 */
final class Suspicions {
    /** Within it even a worker that only polls has answered. */
    private static final Duration ANSWERED_WITHIN = Duration.ofMillis(1_300);

    /** Then the worker that raised it has died. */
    private static final Duration OVERDUE = Duration.ofSeconds(4);

    private static final long LATEST_MILLIS = 2_000;

    private final CircuitCache cache;
    private final CircuitSync sync;
    private final FleetClock clock;
    private final String worker;

    /** After so long without a judgement, this worker makes it. */
    private final Duration overdue;

    /** The suspicion last answered here, by circuit. */
    private final Map<CircuitKey, Answer> answered = new HashMap<>();

    /**
     * @param failing whether this worker's own circuit was open: a reason to answer anew
     */
    private record Answer(Instant asked, boolean failing) {}

    /** Circuits that fail here and do well elsewhere; guarded by itself. */
    private final Set<CircuitKey> contradicted = new HashSet<>();

    Suspicions(
            CircuitCache cache,
            CircuitSync sync,
            FleetClock clock,
            String worker,
            RandomGenerator random) {
        this.cache = cache;
        this.sync = sync;
        this.clock = clock;
        this.worker = worker;
        this.overdue = OVERDUE.plusMillis(random.nextLong(LATEST_MILLIS));
    }

    /** Answers, judges; returns the nanoseconds until another judgement is due. */
    long pass() {
        List<Circuit> suspected = cache.suspected();
        boolean answers = answer(suspected);
        clear(suspected);
        List<Circuit> due = suspected.stream().filter(this::due).toList();
        if (answers && !due.isEmpty()) {
            judge(due);
        }
        long now = clock.nanos();
        return suspected.stream()
                .filter(each -> !due.contains(each))
                .mapToLong(each -> FleetClock.nanos(judgedAt(each)) - now)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Whether the store has what this worker has seen. */
    private boolean answer(List<Circuit> suspected) {
        List<Testimony> answers = new ArrayList<>();
        for (Circuit each : suspected) {
            Instant asked = asked(each);
            Answer answer = new Answer(asked, failing(each.key()));
            if (!answer.equals(answered.put(each.key(), answer))) {
                WorkerEvidence evidence =
                        answer.failing() ? failing(evidence(each)) : evidence(each);
                if (evidence.calls() > 0) {
                    answers.add(new Testimony(each.key(), asked, evidence));
                }
            }
        }
        boolean told = answers.isEmpty() || sync.testify(answers);
        if (!told) {
            answers.forEach(each -> answered.remove(each.key()));
        }
        return told;
    }

    private WorkerEvidence evidence(Circuit suspect) {
        Instant began = suspect.window().from() == null ? asked(suspect) : suspect.window().from();
        Instant closed = suspect.state().since();
        long nanos = clock.nanos();
        WorkerEvidence all = new WorkerEvidence(worker, 0, 0, 0);
        for (LaneView lane : cache.lanes()) {
            if (lane.own().equals(suspect.key())) {
                return lane.recent().evidence(worker, began, closed, nanos);
            }
            if (lane.instance().equals(suspect.key())) {
                WorkerEvidence one = lane.recent().keyWitness(worker, began, closed, nanos);
                all =
                        new WorkerEvidence(
                                worker,
                                all.calls() + one.calls(),
                                all.failures() + one.failures(),
                                0);
            }
        }
        return all;
    }

    private boolean failing(CircuitKey key) {
        Circuit own = cache.own(key);
        return !(own.state() instanceof Closed) && own.cause().kind() != ErrorKind.RATE_LIMIT;
    }

    /** Its calls of before the failures are of another time; the ring is too coarse to tell. */
    private WorkerEvidence failing(WorkerEvidence seen) {
        int calls = (int) (seen.failed() / cache.settings().failureRatio());
        return new WorkerEvidence(
                worker, Math.min(calls, seen.calls()), seen.failures(), seen.unknowns());
    }

    private static Instant asked(Circuit suspect) {
        Instant asked = suspect.window().suspected();
        return asked == null ? Instant.EPOCH : asked;
    }

    private boolean due(Circuit suspect) {
        return !clock.now().isBefore(judgedAt(suspect));
    }

    private Instant judgedAt(Circuit suspect) {
        Instant asked = asked(suspect);
        if (sync.alone()) {
            return asked;
        }
        return asked.plus(sync.raised(suspect.key(), asked) ? ANSWERED_WITHIN : overdue);
    }

    private void judge(List<Circuit> due) {
        List<Testimony> answers = sync.testimonies(due.stream().map(Circuit::key).toList());
        if (answers == null) {
            return;
        }
        Map<CircuitKey, List<WorkerEvidence>> heard = new HashMap<>();
        for (Testimony each : answers) {
            boolean current =
                    due.stream()
                            .anyMatch(
                                    suspect ->
                                            suspect.key().equals(each.key())
                                                    && asked(suspect).equals(each.asked()));
            if (current) {
                heard.computeIfAbsent(each.key(), _ -> new ArrayList<>()).add(each.evidence());
            }
        }
        for (Circuit suspect : due) {
            Quorum quorum = new Quorum(heard.getOrDefault(suspect.key(), List.of()));
            CircuitEvent judged =
                    new Judged(clock.now(), asked(suspect), quorum, cache.trip(suspect.key()));
            cache.apply(List.of(suspect.key()), judged);
        }
        sync.send();
    }

    /**
     * A suspicion that was answered here and did not open the circuit, while this worker's own is
     * open: the others do well.
     */
    private void clear(List<Circuit> suspected) {
        Set<CircuitKey> open = new HashSet<>();
        cache.owns().forEach(own -> open.add(own.key()));
        Set<CircuitKey> asked = new HashSet<>();
        suspected.forEach(each -> asked.add(each.key()));
        synchronized (contradicted) {
            contradicted.retainAll(open);
            for (CircuitKey key : Set.copyOf(answered.keySet())) {
                if (!asked.contains(key)) {
                    answered.remove(key);
                    if (open.contains(key) && cache.circuit(key).state() instanceof Closed) {
                        contradicted.add(key);
                    }
                }
            }
        }
    }

    /** Forgets all others. */
    void keep(Set<CircuitKey> keys) {
        synchronized (contradicted) {
            contradicted.retainAll(keys);
        }
    }

    /** The instances that fail here and do well elsewhere, in the order of names. */
    Set<String> contradicted() {
        synchronized (contradicted) {
            Set<String> instances = new TreeSet<>();
            contradicted.forEach(each -> instances.add(each.provider() + ":" + each.instance()));
            return instances;
        }
    }
}
