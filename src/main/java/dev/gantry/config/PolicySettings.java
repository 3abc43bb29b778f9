package dev.gantry.config;

import static dev.gantry.config.GantrySettings.absentIfBlank;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.List;

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
            provider = absentIfBlank(provider);
            model = absentIfBlank(model);
            instance = absentIfBlank(instance);
            label = absentIfBlank(label);
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

    /** What makes the chain advance. */
    public record Failover(
            @DefaultValue List<Integer> onStatus,
            @DefaultValue List<String> onErrorKinds,
            @Nullable Long onTimeoutMs,
            @Nullable Integer maxAttempts,
            @DefaultValue("false") boolean advanceOnPermanent,
            @DefaultValue("1") int retries) {
        public Failover {
            onStatus = List.copyOf(onStatus);
            onErrorKinds = List.copyOf(onErrorKinds);
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
    }

    /** The event that the policy's decisions are published as. */
    public record Observe(@DefaultValue("llm.routing") String emitEvent) {}
}
