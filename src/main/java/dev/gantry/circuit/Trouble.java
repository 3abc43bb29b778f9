package dev.gantry.circuit;

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
 */
public record Trouble(ErrorKind kind, Reach reach, @Nullable Duration retryAfter, String reason) {

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
