package dev.gantry.config;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a policy is right in itself and its chain leads somewhere. */
final class PolicyCheck {
    private static final int MOST_LINKS = 16;
    private static final int MOST_ATTEMPTS = 10;
    private static final int SHORTEST_RACE_MS = 50;

    /** The kinds, and the labels that older policies use for them. */
    private static final Set<String> KINDS =
            Stream.concat(
                            Arrays.stream(ErrorKind.values()).map(ErrorKind::label),
                            Stream.of(
                                    "transient",
                                    "transient_network",
                                    "schema_validation",
                                    "provider_error",
                                    "server_error",
                                    "provider_5xx",
                                    "generic",
                                    "budget_exceeded",
                                    "circuit_open",
                                    "not_found",
                                    "tool_error",
                                    "tool_rejected",
                                    "egress_blocked"))
                    .collect(Collectors.toCollection(TreeSet::new));

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private PolicyCheck() {}

    static void check(String name, PolicySettings policy, Names names, Mistakes mistakes) {
        String key = "gantry.policies." + name;
        mistakes.check(
                NAME.matcher(name).matches(), key, name, "a name of 1 to 64 of A-Z a-z 0-9 . _ -");
        if (policy.chain().isEmpty()) {
            mistakes.missing(key + ".chain", "at least one link");
        }
        mistakes.check(
                policy.chain().size() <= MOST_LINKS,
                key + ".chain",
                policy.chain().size() + " links",
                "at most " + MOST_LINKS);
        for (int index = 0; index < policy.chain().size(); index++) {
            link(key + ".chain[" + index + "]", policy.chain().get(index), names, mistakes);
        }
        failover(key + ".failover.", policy.failover(), mistakes);
        latency(key + ".latency.", policy.latency(), mistakes);
        Amount.check(key + ".budget.per-call-usd", policy.budget().perCallUsd(), mistakes);
        Amount.check(key + ".budget.session-usd", policy.budget().sessionUsd(), mistakes);
    }

    private static void link(String key, PolicySettings.Link link, Names names, Mistakes mistakes) {
        String providerName = link.provider();
        String model = link.model();
        positive(key + ".timeout-ms", link.timeoutMs(), mistakes);
        if (providerName == null || model == null) {
            mistakes.missing(key, "provider and model, as provider:model or as a map with both");
            return;
        }
        ProviderSettings provider = names.providers().get(providerName);
        if (provider == null) {
            mistakes.add(key + ".provider", providerName, names.allProviders());
            return;
        }
        if (!Names.offers(provider, model)) {
            mistakes.add(key + ".model", model, "a model of provider " + providerName);
        }
        String instance = link.instance();
        if (instance != null && !provider.instances().containsKey(instance)) {
            mistakes.add(key + ".instance", instance, Names.listed(provider.instances().keySet()));
        }
    }

    private static void failover(String key, PolicySettings.Failover failover, Mistakes mistakes) {
        for (int status : failover.onStatus()) {
            mistakes.check(status >= 100 && status <= 599, key + "on-status", status, "100 to 599");
        }
        for (String kind : failover.onErrorKinds()) {
            mistakes.check(
                    KINDS.contains(kind), key + "on-error-kinds", kind, String.join(", ", KINDS));
        }
        positive(key + "on-timeout-ms", failover.onTimeoutMs(), mistakes);
        Integer attempts = failover.maxAttempts();
        mistakes.check(
                attempts == null || (attempts >= 1 && attempts <= MOST_ATTEMPTS),
                key + "max-attempts",
                String.valueOf(attempts),
                "1 to " + MOST_ATTEMPTS);
        int retries = failover.retries();
        mistakes.check(
                retries >= 0 && retries <= MOST_ATTEMPTS,
                key + "retries",
                retries,
                "0 to " + MOST_ATTEMPTS);
    }

    private static void latency(String key, PolicySettings.Latency latency, Mistakes mistakes) {
        Long race = latency.raceAfterMs();
        mistakes.check(
                race == null || race >= SHORTEST_RACE_MS,
                key + "race-after-ms",
                String.valueOf(race),
                SHORTEST_RACE_MS + " or more");
        positive(key + "target-p95-ms", latency.targetP95Ms(), mistakes);
    }

    private static void positive(String key, @Nullable Long value, Mistakes mistakes) {
        mistakes.check(value == null || value >= 1, key, String.valueOf(value), "1 or more");
    }
}
