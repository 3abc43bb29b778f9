package dev.gantry.config;

import static dev.gantry.config.GantrySettings.absentIfBlank;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Tier;
import dev.gantry.request.RequestTopic;
import dev.gantry.request.Stamp;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One entry of {@code gantry.request-topics}, as written; {@link RequestTopicCheck} judges it.
 *
 * @param share against the shares of the other topics
 * @param maxInFlight null: no bound of its own
 * @param stamp members of {@code gantry}, as a request writes them
 */
public record RequestTopicSettings(
        @Nullable String name,
        @DefaultValue("1") int share,
        @Nullable Integer maxInFlight,
        @DefaultValue Map<String, Object> stamp,
        @DefaultValue Allow allow,
        @DefaultValue Budget budget) {
    public RequestTopicSettings {
        name = absentIfBlank(name);
        stamp = GantrySettings.sorted(stamp);
    }

    /**
     * What the topic's requests may use; an empty list bounds nothing.
     *
     * @param models globs
     * @param policies by their names
     */
    public record Allow(
            @DefaultValue List<Tier> tiers,
            @DefaultValue List<String> models,
            @DefaultValue List<String> policies) {
        public Allow {
            tiers = List.copyOf(tiers);
            models = List.copyOf(models);
            policies = List.copyOf(policies);
        }
    }

    /** What the topic's requests may cost, as decimal text. */
    public record Budget(@Nullable String perDayUsd) {
        public Budget {
            perDayUsd = absentIfBlank(perDayUsd);
        }
    }

    /** Of checked settings: the topic as intake knows it. */
    RequestTopic topic() {
        String topic = Objects.requireNonNull(name);
        return new RequestTopic(
                topic,
                share,
                maxInFlight,
                Stamp.of("stamp", stamp),
                new Allowance(topic, Set.copyOf(allow.tiers()), allow.models(), allow.policies()),
                Amount.of(budget.perDayUsd()));
    }
}
