package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.Settings;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** Lanes, settings and troubles for tests. */
public final class Samples {
    public static final LaneId LANE = lane("openai", "main", "small");
    public static final CircuitKey LANE_KEY = CircuitKey.ofLane(LANE);
    public static final CircuitKey INSTANCE_KEY = CircuitKey.ofInstance(LANE);
    public static final CircuitSettings SHIPPED = CircuitSettings.DEFAULT;

    private Samples() {}

    public static LaneId lane(String provider, String instance, String model) {
        return new LaneId(Tier.FRONTIER, provider, instance, ModelType.INFERENCE, model);
    }

    public static ScopeMembership member(LaneId lane, String account, QuotaScope scope) {
        return new ScopeMembership(lane, account, scope);
    }

    public static ScopeMembership alone(LaneId lane) {
        return member(lane, lane.provider() + ":" + lane.instance(), QuotaScope.LANE);
    }

    /** The shipped ones, but for the first cooldown of counted failures. */
    public static CircuitSettings settings(Duration cooldown) {
        return Settings.shipped(CircuitSettings.class, "cooldown=" + cooldown);
    }

    public static LaneFailure failure(ErrorKind kind, LaneFailure.Reach reach) {
        return new LaneFailure(kind, reach, null, "because of " + kind.label());
    }

    public static LaneFailure rateLimit(Duration retryAfter) {
        return new LaneFailure(
                ErrorKind.RATE_LIMIT, LaneFailure.Reach.QUOTA, retryAfter, "slow down");
    }

    public static TripFailure trip(ErrorKind kind, @Nullable Duration retryAfter) {
        return trip(kind, retryAfter, 0);
    }

    public static TripFailure trip(ErrorKind kind, @Nullable Duration retryAfter, double jitter) {
        return new TripFailure(new CircuitCause(kind, "because", "w-1"), retryAfter, jitter);
    }

    public static Instant second(double seconds) {
        return Instant.EPOCH.plus(Duration.ofMillis((long) (seconds * 1000)));
    }
}
