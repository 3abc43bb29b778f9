package dev.gantry.circuit.state;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * The calls and failures of a circuit that still count; of an open one, what it will start from.
 *
 * <p>The memory is short, so that a lane that was healthy for hours is benched within a second of
 * its death; and long enough that independent errors of a few percent never look like one: see
 * BenchingSimulationTest for the figures behind {@link #MEMORY}.
 *
 * @param from of the window, which begins with its first failure; null: none has happened
 * @param suspected when the workers were asked what they have seen; null: there is no suspicion
 */
public record FailureWindow(
        @Nullable Instant from,
        double calls,
        double failures,
        double unknowns,
        @Nullable Instant suspected) {
    static final FailureWindow NONE = new FailureWindow(null, 0, 0, 0);

    /**
     * Calls remembered; beyond it everything is scaled down. In simulated hours of 5 % errors at
     * 500/s the worst ratio was 0.49 with 20 calls, 0.36 with 40, 0.28 with 60; a dead lane was
     * benched within 0.3 s with each.
     */
    static final int MEMORY = 60;

    /** Failures that no rule knows: each may be the caller's fault, so more are needed. */
    static final int UNKNOWN_THRESHOLD = 5;

    /** Of so many successes, one failure is nothing to speak of. */
    private static final int COMMON = 4;

    /**
     * Successes known from before a circuit opened, at most: enough that the first few errors after
     * its closing are not all that is known of it, and few enough that a dead lane opens again
     * soon.
     */
    private static final int KNOWN_BEFORE = 6;

    FailureWindow(@Nullable Instant from, double calls, double failures, double unknowns) {
        this(from, calls, failures, unknowns, null);
    }

    /**
     * Of one worker, since its last report.
     *
     * @param successes calls begun and not failed; they count before the failures
     */
    public record Batch(int successes, int failures, int unknowns) {
        public int failed() {
            return failures + unknowns;
        }

        /** Whether it may be more than the errors that every lane has: the fleet is told. */
        public boolean suspicious() {
            return successes <= COMMON * failed();
        }
    }

    FailureWindow plus(Batch batch, Instant at, CircuitSettings settings) {
        double memory = memory(settings);
        FailureWindow base = within(at, settings.failureWindow());
        Instant begins = base.from == null ? at : base.from;
        FailureWindow succeeded =
                new FailureWindow(
                                begins,
                                base.calls + batch.successes(),
                                base.failures,
                                base.unknowns)
                        .scaled(memory);
        return new FailureWindow(
                        begins,
                        succeeded.calls + batch.failed(),
                        succeeded.failures + batch.failures(),
                        succeeded.unknowns + batch.unknowns())
                .scaled(memory)
                .suspected(suspected);
    }

    FailureWindow suspected(@Nullable Instant at) {
        return new FailureWindow(from, calls, failures, unknowns, at);
    }

    /** The answers are in: as much of the truth as is remembered. */
    FailureWindow remembered(CircuitSettings settings) {
        return scaled(memory(settings));
    }

    /** What a circuit that opens now knows when it closes. */
    FailureWindow known() {
        double succeeded = Math.min(KNOWN_BEFORE, calls - failures - unknowns);
        return succeeded < 1 ? NONE : new FailureWindow(null, succeeded, 0, 0);
    }

    boolean trips(CircuitSettings settings) {
        return trips(settings, settings.failureThreshold());
    }

    /**
     * @param threshold failures that are enough
     */
    boolean trips(CircuitSettings settings, int threshold) {
        double failed = failures + unknowns;
        // Less than half a remembered success is none: else a ratio of 1 would never be reached.
        double all = calls - failed < 0.5 ? failed : calls;
        boolean enough = failures >= threshold || unknowns >= UNKNOWN_THRESHOLD;
        return enough && failed >= settings.failureRatio() * all;
    }

    /**
     * Failures are forgotten with their window. The successes stay for one more: without them, a
     * healthy busy lane would begin each window as if new, and three errors in a row would bench
     * it.
     */
    private FailureWindow within(Instant at, Duration window) {
        if (from == null || at.isBefore(from.plus(window))) {
            return this;
        }
        boolean recent = at.isBefore(from.plus(window.multipliedBy(2)));
        return recent ? new FailureWindow(null, calls - failures - unknowns, 0, 0) : NONE;
    }

    private FailureWindow scaled(double memory) {
        if (calls <= memory) {
            return this;
        }
        double scale = memory / calls;
        return new FailureWindow(from, memory, failures * scale, unknowns * scale);
    }

    /** A high threshold needs a memory in which it can be reached. */
    private static double memory(CircuitSettings settings) {
        int needed = Math.max(settings.failureThreshold(), UNKNOWN_THRESHOLD);
        return Math.max(MEMORY, 2.0 * needed);
    }
}
