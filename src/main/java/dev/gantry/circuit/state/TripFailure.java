package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A failure that benches.
 *
 * @param retryAfter when the provider said it would be back
 * @param jitter from -1 to 1; drawn once, so that the failure can be applied anew after a lost race
 */
public record TripFailure(CircuitCause cause, @Nullable Duration retryAfter, double jitter) {
    private static final double COOLDOWN_JITTER = 0.2;

    /** Never before the provider's time; later by this share of it, up to {@link #LATEST}. */
    private static final double RESET_JITTER = 0.05;

    private static final Duration LATEST = Duration.ofSeconds(2);

    /** A wait of nothing would let the next call run into the same refusal. */
    private static final Duration SHORTEST = Duration.ofMillis(100);

    /** The longer of two waits holds for both. */
    public TripFailure after(TripFailure earlier) {
        Duration other = earlier.retryAfter;
        boolean longer = other != null && (retryAfter == null || other.compareTo(retryAfter) > 0);
        return longer && cause.kind() == earlier.cause.kind()
                ? new TripFailure(cause, other, jitter)
                : this;
    }

    /** The circuit that this failure opens, from one that remembers so many trips. */
    Circuit open(Circuit circuit, int remembered, Instant at, CircuitSettings settings) {
        FailureWindow known = circuit.window().known();
        if (cause.kind() == ErrorKind.RATE_LIMIT && retryAfter != null) {
            CircuitState state = told(retryAfter, at, settings);
            return new Circuit(circuit.key(), state, remembered, cause, known, circuit.version());
        }
        int trips = remembered + 1;
        Duration cooldown = settings.cooldown(cause.kind(), circuit.key()).of(trips);
        Instant until = whole(at.plus(scaled(cooldown, 1 + COOLDOWN_JITTER * jitter)));
        if (retryAfter != null && cause.kind() == ErrorKind.OVERLOADED) {
            Instant back = whole(at.plus(reset(retryAfter)));
            until = back.isAfter(until) ? back : until;
        }
        // A limit without a time: what is tried next is one call, and then a few.
        CircuitState.End end =
                cause.kind() == ErrorKind.RATE_LIMIT
                        ? CircuitState.End.TIME
                        : CircuitState.End.PROBE;
        CircuitState state = new CircuitState.Open(at, until, end);
        return new Circuit(circuit.key(), state, trips, cause, known, circuit.version());
    }

    /** Believed up to a point; after that, one probe finds out. */
    private CircuitState told(Duration wait, Instant at, CircuitSettings settings) {
        Duration most = settings.maxLongCooldown();
        return wait.compareTo(most) > 0
                ? new CircuitState.Open(at, whole(at.plus(most)), CircuitState.End.PROBE)
                : new CircuitState.Open(at, whole(at.plus(reset(wait))), CircuitState.End.TIME);
    }

    private Duration reset(Duration wait) {
        Duration least = wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait;
        Duration later = scaled(least, RESET_JITTER * Math.abs(jitter));
        return least.plus(later.compareTo(LATEST) < 0 ? later : LATEST);
    }

    private static Duration scaled(Duration time, double factor) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }

    /** As the table keeps it. */
    private static Instant whole(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }
}
