package dev.gantry.circuit.state;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * What the fleet has seen of a suspected circuit. It opens if the calls of all workers together
 * fail often enough, and at least two of them see it for themselves: what one alone sees may be its
 * own network. The only caller is believed. Pure.
 */
public record Quorum(List<WorkerEvidence> witnesses) {
    private static final int SEVERAL = 2;

    /** A key that is refused once is refused always. */
    private static final int REFUSALS = 1;

    public Quorum {
        witnesses = witnesses.stream().filter(each -> each.calls() > 0).toList();
    }

    boolean convicts(@Nullable ErrorKind kind, CircuitSettings settings) {
        boolean agreed = witnesses.size() == 1 || failing(settings) >= SEVERAL;
        return agreed && trips(kind, settings);
    }

    /** Whether so much alone, seen by everybody, would be reason enough. */
    private boolean trips(@Nullable ErrorKind kind, CircuitSettings settings) {
        FailureWindow all = truth(Instant.EPOCH);
        return kind == ErrorKind.AUTH ? all.trips(settings, REFUSALS) : all.trips(settings);
    }

    private long failing(CircuitSettings settings) {
        return witnesses.stream()
                .filter(each -> each.failed() > 0)
                .filter(each -> each.failed() >= settings.failureRatio() * each.calls())
                .count();
    }

    /** What is known from now on. */
    FailureWindow truth(Instant from) {
        return new FailureWindow(
                witnesses.isEmpty() ? null : from,
                witnesses.stream().mapToInt(WorkerEvidence::calls).sum(),
                witnesses.stream().mapToInt(WorkerEvidence::failures).sum(),
                witnesses.stream().mapToInt(WorkerEvidence::unknowns).sum());
    }
}
