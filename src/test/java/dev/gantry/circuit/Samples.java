package dev.gantry.circuit;

import dev.gantry.circuit.Trouble.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;

import java.time.Duration;
import java.time.Instant;

/** What tests of circuits speak of. */
final class Samples {
    static final CircuitSettings SHIPPED = settings(Duration.ofSeconds(15));
    static final LaneId A = lane("a", "default", "m");
    static final LaneId A_OTHER = lane("a", "default", "other");
    static final LaneId A_SECOND = lane("a", "second", "m");
    static final LaneId B = lane("b", "default", "m");
    static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private Samples() {}

    static CircuitSettings settings(Duration cooldown) {
        return new CircuitSettings(
                3,
                0.5,
                Duration.ofSeconds(60),
                cooldown,
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofHours(1));
    }

    static LaneId lane(String provider, String instance, String model) {
        return new LaneId(Tier.CLOUD, provider, instance, ModelType.INFERENCE, model);
    }

    static Trouble trouble(ErrorKind kind, Reach reach) {
        return new Trouble(kind, reach, null, kind.label() + " in a test");
    }

    static Trouble limited(Duration wait) {
        return new Trouble(ErrorKind.RATE_LIMIT, Reach.QUOTA, wait, "HTTP 429");
    }
}
