package dev.gantry.config;

import dev.gantry.audit.AuditSettings;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.event.Decisions;
import dev.gantry.event.TopicSettings;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.intake.IntakeSettings;
import dev.gantry.outbox.SpoolBounds;
import dev.gantry.request.RequestTopic;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Everything under {@code gantry}; its components are the keys, its defaults the shipped ones. */
public record GantrySettings(
        @DefaultValue("default") String deployment,
        @DefaultValue IntakeSettings worker,
        @DefaultValue TopicSettings topics,
        @DefaultValue List<RequestTopicSettings> requestTopics,
        @DefaultValue DatabaseSettings database,
        @DefaultValue Map<String, ProviderSettings> providers,
        @DefaultValue RoutingSettings routing,
        @DefaultValue Map<String, PolicySettings> policies,
        @DefaultValue CircuitSettings circuit,
        @DefaultValue AuditSettings audit,
        @DefaultValue Metering metering,
        @DefaultValue Observe observe,
        @DefaultValue SpoolBounds spool,
        @DefaultValue Pricing pricing,
        @DefaultValue Operator operator) {
    private static final Pattern DEPLOYMENT = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    public GantrySettings {
        allow(
                DEPLOYMENT.matcher(deployment).matches(),
                "gantry.deployment",
                deployment,
                "1 to 100 of A-Z a-z 0-9 . _ -");
        requestTopics = List.copyOf(requestTopics);
        providers = sorted(providers);
        policies = sorted(policies);
    }

    /** Of checked settings: where requests come from; without a list, one topic. */
    public List<RequestTopic> sources() {
        return requestTopics.isEmpty()
                ? List.of(RequestTopic.plain(topics.requests()))
                : requestTopics.stream().map(RequestTopicSettings::topic).toList();
    }

    /** Of checked settings: where requests go that are sent without the name of a topic. */
    public String usualTopic() {
        List<String> names = sources().stream().map(RequestTopic::name).toList();
        return names.contains(topics.requests()) ? topics.requests() : names.getFirst();
    }

    /** {@code gantry.metering}. */
    public record Metering(@DefaultValue("true") boolean writeAhead) {}

    /**
     * {@code gantry.observe}.
     *
     * @param decisions which routing decisions are published
     * @param loggedSuccesses the share of requests that succeeded whose outcome is logged at INFO;
     *     the others are at DEBUG
     * @param histograms whether metrics of times have buckets
     */
    public record Observe(
            @DefaultValue("escalated") Decisions decisions,
            @DefaultValue("1") double loggedSuccesses,
            @DefaultValue("true") boolean histograms) {
        public Observe {
            allow(
                    loggedSuccesses >= 0 && loggedSuccesses <= 1,
                    "gantry.observe.logged-successes",
                    loggedSuccesses,
                    "0 to 1");
        }
    }

    /**
     * {@code gantry.pricing}.
     *
     * @param catalog a file in LiteLLM's model_prices_and_context_window.json format
     */
    public record Pricing(@Nullable String catalog) {
        public Pricing {
            catalog = absentIfBlank(catalog);
        }
    }

    /**
     * {@code gantry.operator}.
     *
     * @param token bearer token for operator actions over HTTP; empty: they are refused
     * @param allowedHosts names by which the management port may be called, beside addresses and
     *     localhost; {@code *.example.com} stands for all below
     */
    public record Operator(
            @DefaultValue("") Secret token, @DefaultValue List<String> allowedHosts) {
        private static final Pattern HOST =
                Pattern.compile("(?:\\*\\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?");

        public Operator {
            allowedHosts = List.copyOf(allowedHosts);
            for (String host : allowedHosts) {
                allow(
                        HOST.matcher(host).matches(),
                        "gantry.operator.allowed-hosts",
                        host,
                        "a name such as gantry.example.com, or *.example.com; without a port");
            }
        }
    }

    /** A key that is written down without a value counts as not written down. */
    static @Nullable String absentIfBlank(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /** Sorted, so that everything made of it comes in the same order on every worker. */
    public static <T> Map<String, T> sorted(Map<String, T> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    static void allow(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            throw new IllegalArgumentException("%s: %s; allowed is %s".formatted(key, value, what));
        }
    }
}
