package dev.gantry.benchmark;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.CallFeedback;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.Permit;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What a request's admission costs, by JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AdmissionBenchmark {
    private static final List<LaneId> LANES = CircuitBenchmark.LANES;

    /** One lane in so many is benched; 0: none. */
    @Param({"0", "4"})
    private int benched;

    private final ByteBudget budget = new ByteBudget(256 << 20, 2);
    private Circuits circuits = circuits();
    private AdmissionControl admission = admission(circuits);
    private final AdmissionRequest ask =
            new AdmissionRequest(
                    List.of(new Candidate(LANES.get(1), Instant.MIN)),
                    Instant.now().plusSeconds(86_400),
                    true,
                    WhenBenched.WAIT);
    private int next;

    @Setup
    public void bench() {
        circuits = circuits();
        admission = admission(circuits);
        AtomicLong held = new AtomicLong(4096);
        budget.counts(held::get, held::get);
        for (int lane = 0; benched > 0 && lane < LANES.size(); lane += benched) {
            circuits.failed(
                    LANES.get(lane),
                    circuits.now(),
                    new LaneFailure(
                            ErrorKind.RATE_LIMIT, Reach.QUOTA, Duration.ofMinutes(10), "HTTP 429"));
        }
    }

    /** One lane of 200, each in turn, wanted, and asked whether it is open. */
    @Benchmark
    public LaneAvailability availability() {
        next = next + 1 < LANES.size() ? next + 1 : 0;
        circuits.wanted(LANES.get(next));
        return circuits.availability(LANES.get(next));
    }

    /** A request let on a lane with free slots, answered, and let off. */
    @Benchmark
    public Permit passage() {
        Permit permit = ((AdmissionResult.Granted) admission.enter(ask, null)).permit();
        admission.told(permit, CallFeedback.ANSWERED);
        admission.leave(permit);
        return permit;
    }

    /** What an answer of 2 KiB takes of the budget, and gives back. */
    @Benchmark
    public Hold answer() {
        Hold hold = budget.hold();
        if (!hold.tryTake(2048)) {
            throw new IllegalStateException("there is room");
        }
        hold.received(2048);
        hold.close();
        return hold;
    }

    /** Prints nanoseconds and bytes; checks nothing. */
    @Test
    void run() throws RunnerException {
        new Runner(JmhOptions.of(AdmissionBenchmark.class).forks(2).build()).run();
    }

    private static Circuits circuits() {
        return Circuits.localOnly(
                CircuitSettings.DEFAULT, CircuitBenchmark.members(), InstantSource.system());
    }

    private AdmissionControl admission(Circuits circuits) {
        return new AdmissionControl(
                new AdmissionSettings(2_000, 0.5),
                circuits,
                InstantSource.system(),
                System::nanoTime,
                budget::admits);
    }
}
