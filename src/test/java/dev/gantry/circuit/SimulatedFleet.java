package dev.gantry.circuit;

import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.circuit.table.MemoryStore;
import dev.gantry.inference.CircuitTransition;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * The circuits of many workers on one store and one clock that is moved by hand: no thread, no
 * database, the same seed the same course.
 */
public final class SimulatedFleet implements InstantSource, LongSupplier {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private final List<Circuits> workers = new ArrayList<>();
    private final List<CircuitTransition> transitions = new ArrayList<>();
    private final MemoryStore store = new MemoryStore(this);

    private long now;

    /** How much of the store the workers have heard of. */
    private long heard;

    public SimulatedFleet(
            int count, CircuitSettings settings, Collection<ScopeMembership> members, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int each = 0; each < count; each++) {
            String name = "w-" + each;
            store.join(name);
            FleetClock clock = new FleetClock(this, instant());
            Circuits worker =
                    new Circuits(
                            settings,
                            members,
                            new Wiring(name, clock, store, null, random.split()));
            worker.onTransition(transitions::add);
            workers.add(worker);
        }
        workers.forEach(Circuits::pass);
    }

    public List<Circuits> workers() {
        return workers;
    }

    /** What has been announced, once each. */
    public List<CircuitTransition> transitions() {
        return transitions;
    }

    /** Time goes on; every worker hears of what the others have written, and does what is due. */
    public void advance(Duration step) {
        now += step.toNanos();
        for (Circuits worker : workers) {
            if (store.changes() != heard) {
                worker.news();
            }
            worker.pass();
        }
        heard = store.changes();
    }

    @Override
    public Instant instant() {
        return START.plusNanos(now);
    }

    @Override
    public long getAsLong() {
        return now;
    }
}
