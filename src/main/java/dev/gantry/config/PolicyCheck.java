package dev.gantry.config;

import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.RoutingPolicy;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.regex.Pattern;

/** Whether a policy is right in itself and its chain leads somewhere. */
final class PolicyCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private PolicyCheck() {}

    static void check(String name, PolicySettings policy, Names names, Mistakes mistakes) {
        String key = "gantry.policies." + name;
        mistakes.check(
                NAME.matcher(name).matches(), key, name, "a name of 1 to 64 of A-Z a-z 0-9 . _ -");
        mistakes.check(
                !name.equals(RoutingPolicy.INLINE),
                key,
                name,
                "another name: this one means a request's own policy");
        if (policy.chain().isEmpty()) {
            mistakes.missing(key + ".chain", "at least one link");
        }
        mistakes.check(
                policy.chain().size() <= RoutingPolicy.MOST_LINKS,
                key + ".chain",
                policy.chain().size() + " links",
                "at most " + RoutingPolicy.MOST_LINKS);
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
            mistakes.addName(key + ".provider", providerName, names.providers().keySet());
            return;
        }
        if (!names.offers(providerName, model)) {
            mistakes.add(key + ".model", model, "a model of provider " + providerName);
        }
        String instance = link.instance();
        if (instance != null && !provider.instances().containsKey(instance)) {
            mistakes.addName(key + ".instance", instance, provider.instances().keySet());
        }
    }

    private static void failover(String key, PolicySettings.Failover failover, Mistakes mistakes) {
        for (int status : written(failover.onStatus())) {
            mistakes.check(status >= 100 && status <= 599, key + "on-status", status, "100 to 599");
        }
        for (String kind : written(failover.onErrorKinds())) {
            mistakes.check(
                    FailoverRules.kinds(kind) != null,
                    key + "on-error-kinds",
                    kind,
                    FailoverRules.labels());
        }
        positive(key + "on-timeout-ms", failover.onTimeoutMs(), mistakes);
        Integer attempts = failover.maxAttempts();
        mistakes.check(
                attempts == null || (attempts >= 1 && attempts <= FailoverRules.MOST_ATTEMPTS),
                key + "max-attempts",
                String.valueOf(attempts),
                "1 to " + FailoverRules.MOST_ATTEMPTS);
        int retries = failover.retries();
        mistakes.check(
                retries >= 0 && retries <= FailoverRules.MOST_RETRIES,
                key + "retries",
                retries,
                "0 to " + FailoverRules.MOST_RETRIES);
    }

    private static <T> List<T> written(@Nullable List<T> rule) {
        return rule == null ? List.of() : rule;
    }

    private static void latency(String key, PolicySettings.Latency latency, Mistakes mistakes) {
        Long race = latency.raceAfterMs();
        long shortest = RoutingPolicy.SHORTEST_RACE.toMillis();
        mistakes.check(
                race == null || race >= shortest,
                key + "race-after-ms",
                String.valueOf(race),
                shortest + " or more");
        positive(key + "target-p95-ms", latency.targetP95Ms(), mistakes);
    }

    private static void positive(String key, @Nullable Long value, Mistakes mistakes) {
        mistakes.check(value == null || value >= 1, key, String.valueOf(value), "1 or more");
    }
}
