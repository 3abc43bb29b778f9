package dev.gantry.circuit;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** Lanes, settings and troubles for tests. */
final class Samples {
    static final LaneId LANE = lane("openai", "main", "small");
    static final CircuitKey LANE_KEY = CircuitKey.ofLane(LANE);
    static final CircuitKey INSTANCE_KEY = CircuitKey.ofInstance(LANE);
    static final CircuitSettings SHIPPED = settings(Duration.ofSeconds(15));

    private Samples() {}

    static LaneId lane(String provider, String instance, String model) {
        return new LaneId(Tier.FRONTIER, provider, instance, ModelType.INFERENCE, model);
    }

    static Membership member(LaneId lane, String account, QuotaScope scope) {
        return new Membership(lane, account, scope);
    }

    static Membership alone(LaneId lane) {
        return member(lane, lane.provider() + ":" + lane.instance(), QuotaScope.LANE);
    }

    /** The shipped ones, but for the first cooldown of counted failures. */
    static CircuitSettings settings(Duration cooldown) {
        return new CircuitSettings(
                3,
                0.5,
                Duration.ofSeconds(60),
                cooldown,
                Duration.ofMinutes(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofHours(1));
    }

    static Trouble trouble(ErrorKind kind, Trouble.Reach reach) {
        return new Trouble(kind, reach, null, "because of " + kind.label());
    }

    static Trouble rateLimit(Duration retryAfter) {
        return new Trouble(ErrorKind.RATE_LIMIT, Trouble.Reach.QUOTA, retryAfter, "slow down");
    }

    static Setback setback(ErrorKind kind, @Nullable Duration retryAfter) {
        return setback(kind, retryAfter, 0);
    }

    static Setback setback(ErrorKind kind, @Nullable Duration retryAfter, double jitter) {
        return new Setback(new Cause(kind, "because", "w-1"), retryAfter, jitter);
    }

    static Instant second(double seconds) {
        return Instant.EPOCH.plus(Duration.ofMillis((long) (seconds * 1000)));
    }
}
