package dev.gantry.config;

import static dev.gantry.config.GantrySettings.absentIfBlank;

import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.RoutingPolicy;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** One entry of {@code gantry.policies}, as written; {@link PolicyCheck} judges it. */
public record PolicySettings(
        @Nullable String label,
        @DefaultValue List<Link> chain,
        @DefaultValue Failover failover,
        @DefaultValue Latency latency,
        @DefaultValue Budget budget,
        @DefaultValue Observe observe) {
    public PolicySettings {
        label = absentIfBlank(label);
        chain = List.copyOf(chain);
    }

    /** One link of the chain: a map, or {@code provider:model}. */
    public record Link(
            @Nullable String provider,
            @Nullable String model,
            @Nullable String instance,
            @Nullable Long timeoutMs,
            @Nullable String label) {
        public Link {
            provider = stripped(provider);
            model = stripped(model);
            instance = stripped(instance);
            label = stripped(label);
        }

        /** The binder's way from text; the model may itself contain a colon. */
        public static Link of(String text) {
            int colon = text.indexOf(':');
            return colon < 0
                    ? new Link(text, null, null, null, null)
                    : new Link(
                            text.substring(0, colon), text.substring(colon + 1), null, null, null);
        }
    }

    /**
     * What makes the chain advance.
     *
     * @param onStatus null: not written, so its default counts; an empty list means none
     * @param onErrorKinds likewise
     */
    public record Failover(
            @Nullable List<Integer> onStatus,
            @Nullable List<String> onErrorKinds,
            @Nullable Long onTimeoutMs,
            @Nullable Integer maxAttempts,
            @DefaultValue("false") boolean advanceOnPermanent,
            @DefaultValue("1") int retries) {
        public Failover {
            onStatus = onStatus == null ? null : List.copyOf(onStatus);
            onErrorKinds = onErrorKinds == null ? null : List.copyOf(onErrorKinds);
        }

        FailoverRules rules() {
            return FailoverRules.merged(
                    onStatus,
                    onErrorKinds,
                    millis(onTimeoutMs),
                    maxAttempts,
                    advanceOnPermanent,
                    retries);
        }
    }

    /** The hedged race. */
    public record Latency(@Nullable Long raceAfterMs, @Nullable Long targetP95Ms) {}

    /** Caps, as decimal text. */
    public record Budget(
            @Nullable String perCallUsd,
            @Nullable String sessionUsd,
            @DefaultValue("abort") OnExceed onExceed) {
        public Budget {
            perCallUsd = absentIfBlank(perCallUsd);
            sessionUsd = absentIfBlank(sessionUsd);
        }

        /** What to do when a cap would be passed. */
        public enum OnExceed {
            ABORT,
            SKIP,
            /** Another word for skip. */
            DOWNGRADE,
            WARN
        }

        Caps caps() {
            return Caps.of(
                    Amount.of(perCallUsd),
                    Amount.of(sessionUsd),
                    switch (onExceed) {
                        case ABORT -> Caps.OnExceed.ABORT;
                        case SKIP, DOWNGRADE -> Caps.OnExceed.SKIP;
                        case WARN -> Caps.OnExceed.WARN;
                    });
        }
    }

    /** The event that the policy's decisions are published as. */
    public record Observe(@DefaultValue("llm.routing") String emitEvent) {
        public Observe {
            emitEvent = emitEvent.isBlank() ? RoutingPolicy.DEFAULT_EVENT : emitEvent.strip();
        }
    }

    /** Of checked settings: the policy as routing knows it. */
    public RoutingPolicy policy(String name) {
        return new RoutingPolicy(
                name,
                chain.stream().map(PolicySettings::link).toList(),
                failover.rules(),
                new RoutingPolicy.Latency(
                        millis(latency.raceAfterMs()), millis(latency.targetP95Ms())),
                budget.caps(),
                observe.emitEvent());
    }

    private static RoutingPolicy.Link link(Link link) {
        return RoutingPolicy.Link.of(
                Objects.requireNonNull(link.provider()),
                Objects.requireNonNull(link.model()),
                link.instance(),
                millis(link.timeoutMs()),
                link.label());
    }

    private static @Nullable Duration millis(@Nullable Long value) {
        return value == null ? null : Duration.ofMillis(value);
    }

    private static @Nullable String stripped(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }
}
