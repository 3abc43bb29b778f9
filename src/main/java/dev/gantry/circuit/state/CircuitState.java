package dev.gantry.circuit.state;

import dev.gantry.inference.StateLabel;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** What a circuit does with calls, and since when; a change of it is a transition. */
public sealed interface CircuitState {
    Instant since();

    StateLabel state();

    /** What time alone has made of it. */
    default CircuitState at(Instant now) {
        return this;
    }

    /** How an open circuit ends. */
    enum End {
        /** One probe decides. */
        PROBE,
        /** It is closed from then on: the provider gave the time. */
        TIME
    }

    /** Lets calls through. */
    record Closed(Instant since) implements CircuitState {
        @Override
        public StateLabel state() {
            return StateLabel.CLOSED;
        }
    }

    /** Benched for a time. */
    record Open(Instant since, Instant until, End end) implements CircuitState {
        @Override
        public StateLabel state() {
            return StateLabel.OPEN;
        }

        @Override
        public CircuitState at(Instant now) {
            if (now.isBefore(until)) {
                return this;
            }
            return end == End.TIME ? new Closed(until) : new HalfOpen(until, null);
        }
    }

    /**
     * Waits for a probe to succeed.
     *
     * @param lease null: nobody probes
     */
    record HalfOpen(Instant since, @Nullable Lease lease) implements CircuitState {
        @Override
        public StateLabel state() {
            return StateLabel.HALF_OPEN;
        }

        /** The same, and another worker would use the probe. */
        HalfOpen wanted(Instant at) {
            return lease == null
                    ? this
                    : new HalfOpen(
                            since, new Lease(lease.owner(), lease.from(), lease.until(), at));
        }

        public boolean probed(Instant now) {
            return lease != null && now.isBefore(lease.until());
        }
    }

    /** Benched until an operator resets it. */
    record Denied(Instant since) implements CircuitState {
        @Override
        public StateLabel state() {
            return StateLabel.DENIED;
        }
    }
}
