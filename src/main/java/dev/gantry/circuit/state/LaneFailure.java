package dev.gantry.circuit.state;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What a failed call says of health. A failure that says nothing about health (bad request,
 * cancelled, our own deadline …) never becomes one.
 *
 * @param kind why the call failed; decides between one-hit and counted (routing rules, section 3)
 * @param reach how far it reaches; never narrower than a lane
 * @param retryAfter when the provider said it would be back
 * @param reason for people: at most 500 characters, free of secrets
 * @param proof whether it holds for everybody
 */
public record LaneFailure(
        ErrorKind kind, Reach reach, @Nullable Duration retryAfter, String reason, Proof proof) {

    /** A fact, as far as its kind can be one. */
    public LaneFailure(ErrorKind kind, Reach reach, @Nullable Duration retryAfter, String reason) {
        this(kind, reach, retryAfter, reason, Proof.FACT);
    }

    /**
     * Whether it is one of several that bench together: a request then counts once per lane,
     * however often it fails there.
     */
    public boolean counted() {
        return FailureWeight.of(this) == FailureWeight.COUNTED;
    }

    /** How much one such failure proves. */
    public enum Proof {
        /** What the provider has said: it opens the circuit, for the fleet and at once. */
        FACT,
        /** It may be the request's or the worker's own: it counts with what others see. */
        SUSPICION
    }

    /** Whose circuits a failure concerns. */
    public enum Reach {
        LANE,
        /** Whatever the lane's quota scope says. */
        QUOTA,
        INSTANCE,
        /** Every instance that shares the account. */
        ACCOUNT
    }
}
