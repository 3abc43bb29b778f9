package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureRule;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code gantry.circuit}: when a lane is benched, and for how long.
 *
 * @param failureThreshold this many failures at least within the window
 * @param failureRatio and this share of the calls at least
 * @param rateLimitCooldown the longest bench of a lane that refuses without naming a time
 * @param maxLongCooldown cap of auth and billing cooldowns, and of the wait that a provider states
 */
public record CircuitSettings(
        @DefaultValue("3") int failureThreshold,
        @DefaultValue("0.5") double failureRatio,
        @DefaultValue("60s") Duration failureWindow,
        @DefaultValue("15s") Duration cooldown,
        @DefaultValue("10m") Duration maxCooldown,
        @DefaultValue("60s") Duration rateLimitCooldown,
        @DefaultValue("60s") Duration authCooldown,
        @DefaultValue("5m") Duration billingCooldown,
        @DefaultValue("1h") Duration maxLongCooldown) {
    /** The shipped defaults. */
    public static final CircuitSettings DEFAULT =
            new Binder().bindOrCreate("none", CircuitSettings.class);

    /** A model that is not there, or not for us, is not there a minute later either. */
    private static final Cooldown MODEL_COOLDOWN =
            new Cooldown(Duration.ofMinutes(10), Duration.ofHours(1));

    /** A refusal that names no time is over soon, or comes again. */
    private static final Duration FIRST_REFUSAL = Duration.ofSeconds(1);

    /** A worker that is alone with what it sees finds out soon whether it still is. */
    private static final Duration LONGEST_OWN = Duration.ofMinutes(1);

    public CircuitSettings {
        allow(failureThreshold >= 1, "failure-threshold", failureThreshold, "1 or more");
        allow(
                failureRatio > 0 && failureRatio <= 1,
                "failure-ratio",
                failureRatio,
                "more than 0, at most 1");
        positive("failure-window", failureWindow);
        positive("cooldown", cooldown);
        allow(
                maxCooldown.compareTo(cooldown) >= 0,
                "max-cooldown",
                maxCooldown,
                "cooldown (%s) or more".formatted(cooldown));
        shortEnough("rate-limit-cooldown", rateLimitCooldown, maxLongCooldown);
        shortEnough("auth-cooldown", authCooldown, maxLongCooldown);
        shortEnough("billing-cooldown", billingCooldown, maxLongCooldown);
    }

    /** How long such a failure benches, the first time and at most. */
    Cooldown cooldown(@Nullable ErrorKind kind, CircuitKey key) {
        return switch (kind == null ? FailureRule.Cools.NOTHING : kind.rule().cools()) {
            case QUOTA ->
                    new Cooldown(shorter(FIRST_REFUSAL, rateLimitCooldown), rateLimitCooldown);
            case ACCOUNT -> new Cooldown(billingCooldown, maxLongCooldown);
            case MODEL -> MODEL_COOLDOWN;
            case ENDPOINT ->
                    key.ofInstance() ? new Cooldown(authCooldown, maxLongCooldown) : MODEL_COOLDOWN;
            case NOTHING, LANE -> new Cooldown(cooldown, maxCooldown);
        };
    }

    /** Of the circuits that a worker keeps for itself. */
    public CircuitSettings own() {
        Duration most = shorter(maxCooldown, longer(cooldown, LONGEST_OWN));
        return new CircuitSettings(
                failureThreshold,
                failureRatio,
                failureWindow,
                cooldown,
                most,
                rateLimitCooldown,
                authCooldown,
                authCooldown,
                longer(longer(authCooldown, rateLimitCooldown), LONGEST_OWN));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static void positive(String key, Duration time) {
        allow(time.isPositive(), key, time, "more than 0s");
    }

    private static void shortEnough(String key, Duration cooldown, Duration most) {
        positive(key, cooldown);
        allow(
                cooldown.compareTo(most) <= 0,
                key,
                cooldown,
                "at most max-long-cooldown (%s)".formatted(most));
    }

    private static void allow(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            throw new IllegalArgumentException(
                    "gantry.circuit.%s: %s; allowed is %s".formatted(key, value, what));
        }
    }
}
