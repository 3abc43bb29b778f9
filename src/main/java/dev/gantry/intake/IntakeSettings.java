package dev.gantry.intake;

import dev.gantry.intake.membership.GroupProtocol;
import dev.gantry.request.RequestLimits;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Everything under {@code gantry.worker}.
 *
 * @param name empty: the host's name
 * @param group the Kafka consumer group
 * @param maxInFlight requests with a call under way or ready for one
 * @param maxInFlightSize bytes of requests held; null: a quarter of the heap
 * @param laneShare no lane holds more of the slots than this while others want them
 * @param maxParked waiting requests of which only position and head are kept
 * @param revokeGrace how long calls may finish after a partition is lost
 * @param requestTtl deadline of a request that names none, from the record's timestamp
 */
public record IntakeSettings(
        @DefaultValue("") String name,
        @DefaultValue("gantry") String group,
        @DefaultValue("auto") GroupProtocol groupProtocol,
        @DefaultValue("2000") int maxInFlight,
        @Nullable DataSize maxInFlightSize,
        @DefaultValue("0.5") double laneShare,
        @DefaultValue("50000") int maxParked,
        @DefaultValue("5s") Duration revokeGrace,
        @DefaultValue("1s") Duration commitInterval,
        @DefaultValue("8MB") DataSize maxRequestSize,
        @DefaultValue("16MB") DataSize maxResponseSize,
        @DefaultValue("20s") Duration drainTimeout,
        @DefaultValue("24h") Duration requestTtl) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{0,200}");

    /** One JVM array holds a request or an answer; together with the rest they must fit an int. */
    private static final DataSize MOST = DataSize.ofMegabytes(512);

    /** The shipped defaults. */
    public static final IntakeSettings DEFAULT =
            new Binder().bindOrCreate("none", IntakeSettings.class);

    public IntakeSettings {
        allow(NAME.matcher(name).matches(), "name", name, "up to 200 of A-Z a-z 0-9 . _ -");
        allow(!group.isBlank(), "group", group, "any name that is not empty");
        allow(maxInFlight >= 1, "max-in-flight", maxInFlight, "1 or more");
        allow(laneShare > 0 && laneShare <= 1, "lane-share", laneShare, "more than 0, at most 1");
        allow(maxParked >= 0, "max-parked", maxParked, "0 or more");
        notNegative("revoke-grace", revokeGrace);
        positive("commit-interval", commitInterval);
        size("max-request-size", maxRequestSize);
        size("max-response-size", maxResponseSize);
        notNegative("drain-timeout", drainTimeout);
        positive("request-ttl", requestTtl);
        allow(
                maxInFlightSize == null || maxInFlightSize.compareTo(maxRequestSize) >= 0,
                "max-in-flight-size",
                String.valueOf(maxInFlightSize),
                "max-request-size (%s) or more, or nothing: a quarter of the heap"
                        .formatted(maxRequestSize));
    }

    /** Bytes of requests that may be held at once. */
    public long maxInFlightBytes() {
        return maxInFlightSize == null
                ? Math.max(Runtime.getRuntime().maxMemory() / 4, maxRequestSize.toBytes())
                : maxInFlightSize.toBytes();
    }

    public RequestLimits requestLimits() {
        return new RequestLimits(maxRequestSize.toBytes(), requestTtl);
    }

    private static void size(String key, DataSize size) {
        allow(
                size.toBytes() >= 1 && size.compareTo(MOST) <= 0,
                key,
                size,
                "1B to " + MOST.toMegabytes() + "MB");
    }

    private static void positive(String key, Duration time) {
        allow(time.isPositive(), key, time, "more than 0s");
    }

    private static void notNegative(String key, Duration time) {
        allow(!time.isNegative(), key, time, "0s or more");
    }

    private static void allow(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            throw new IllegalArgumentException(
                    "gantry.worker.%s: %s; allowed is %s".formatted(key, value, what));
        }
    }
}
