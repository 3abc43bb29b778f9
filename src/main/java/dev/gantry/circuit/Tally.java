package dev.gantry.circuit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * The calls and failures of a closed circuit that still count.
 *
 * <p>The memory is short, so that a lane that was healthy for hours is benched within a second of
 * its death; and long enough that independent errors of a few percent never look like one: see
 * BenchingSimulationTest for the figures behind {@link #MEMORY}.
 *
 * @param from of the window, which begins with its first failure; null: none has happened
 */
record Tally(@Nullable Instant from, double calls, double failures, double unknowns) {
    static final Tally NONE = new Tally(null, 0, 0, 0);

    /** Calls remembered; beyond it everything is scaled down. */
    static final int MEMORY = 60;

    /** Failures that no rule knows: each may be the caller's fault, so more are needed. */
    static final int UNKNOWN_THRESHOLD = 5;

    /**
     * Of one worker, since its last report.
     *
     * @param successes calls begun and not failed; they count before the failures
     */
    record Batch(int successes, int failures, int unknowns) {
        int failed() {
            return failures + unknowns;
        }
    }

    Tally plus(Batch batch, Instant at, CircuitSettings settings) {
        double memory = memory(settings);
        Tally base = within(at, settings.failureWindow());
        Instant begins = base.from == null ? at : base.from;
        Tally succeeded =
                new Tally(begins, base.calls + batch.successes(), base.failures, base.unknowns)
                        .scaled(memory);
        return new Tally(
                        begins,
                        succeeded.calls + batch.failed(),
                        succeeded.failures + batch.failures(),
                        succeeded.unknowns + batch.unknowns())
                .scaled(memory);
    }

    boolean trips(CircuitSettings settings) {
        double failed = failures + unknowns;
        // Less than half a remembered success is none: else a ratio of 1 would never be reached.
        double all = calls - failed < 0.5 ? failed : calls;
        boolean enough = failures >= settings.failureThreshold() || unknowns >= UNKNOWN_THRESHOLD;
        return enough && failed >= settings.failureRatio() * all;
    }

    /**
     * Failures are forgotten with their window. The successes stay for one more: without them, a
     * healthy busy lane would begin each window as if new, and three errors in a row would bench
     * it.
     */
    private Tally within(Instant at, Duration window) {
        if (from == null || at.isBefore(from.plus(window))) {
            return this;
        }
        boolean recent = at.isBefore(from.plus(window.multipliedBy(2)));
        return recent ? new Tally(null, calls - failures - unknowns, 0, 0) : NONE;
    }

    private Tally scaled(double memory) {
        if (calls <= memory) {
            return this;
        }
        double scale = memory / calls;
        return new Tally(from, memory, failures * scale, unknowns * scale);
    }

    /** A high threshold needs a memory in which it can be reached. */
    private static double memory(CircuitSettings settings) {
        int needed = Math.max(settings.failureThreshold(), UNKNOWN_THRESHOLD);
        return Math.max(MEMORY, 2.0 * needed);
    }
}
