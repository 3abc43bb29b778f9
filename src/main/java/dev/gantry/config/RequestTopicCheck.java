package dev.gantry.config;

import dev.gantry.event.TopicSettings;
import dev.gantry.inference.EditDistance;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RequestOptions.RoutingConstraints;
import dev.gantry.inference.Tier;
import dev.gantry.request.Stamp;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whether the request topics are right in themselves and refer to what exists. */
final class RequestTopicCheck {
    static final String KEY = "gantry.request-topics";

    private final GantrySettings settings;
    private final Names names;
    private final Mistakes mistakes;

    private RequestTopicCheck(GantrySettings settings, Names names, Mistakes mistakes) {
        this.settings = settings;
        this.names = names;
        this.mistakes = mistakes;
    }

    static void check(GantrySettings settings, Names names, Mistakes mistakes) {
        var check = new RequestTopicCheck(settings, names, mistakes);
        Map<String, String> seen = check.others();
        List<RequestTopicSettings> topics = settings.requestTopics();
        for (int index = 0; index < topics.size(); index++) {
            String key = "%s[%d]".formatted(KEY, index);
            check.name(key + ".name", topics.get(index).name(), seen);
            check.topic(key, topics.get(index));
        }
        check.ofSubmit();
    }

    /** The keys of the topics that are written to, by their names. */
    private Map<String, String> others() {
        Map<String, String> others = new HashMap<>();
        settings.topics()
                .byPurpose()
                .forEach(
                        (purpose, topic) -> {
                            if (!purpose.equals("requests")) {
                                others.put(topic, "gantry.topics." + purpose);
                            }
                        });
        return others;
    }

    private void name(String key, @Nullable String name, Map<String, String> seen) {
        if (name == null) {
            mistakes.missing(key, TopicSettings.ALLOWED);
            return;
        }
        mistakes.check(TopicSettings.isTopic(name), key, name, TopicSettings.ALLOWED);
        String other = seen.putIfAbsent(name, key);
        mistakes.check(
                other == null, key, name, "a topic of its own; %s has the same".formatted(other));
    }

    private void topic(String key, RequestTopicSettings topic) {
        mistakes.check(
                topic.share() >= 1 && topic.share() <= 1000,
                key + ".share",
                topic.share(),
                "1 to 1000");
        Integer most = topic.maxInFlight();
        mistakes.check(
                most == null || most >= 1,
                key + ".max-in-flight",
                String.valueOf(most),
                "1 or more");
        Amount.check(key + ".budget.per-day-usd", topic.budget().perDayUsd(), mistakes);
        List<String> policies = topic.allow().policies();
        for (int index = 0; index < policies.size(); index++) {
            policy("%s.allow.policies[%d]".formatted(key, index), policies.get(index));
        }
        try {
            fits(key + ".stamp.", Stamp.of(key + ".stamp", topic.stamp()).options(), topic.allow());
        } catch (IllegalArgumentException e) {
            mistakes.add(String.valueOf(e.getMessage()));
        }
    }

    private void policy(String key, String name) {
        if (!settings.policies().containsKey(name)) {
            mistakes.addName(key, name, settings.policies().keySet());
        }
    }

    /** A stamp that names what does not exist, or is not allowed, would end every request. */
    private void fits(String key, RequestOptions stamp, RequestTopicSettings.Allow allow) {
        RoutingConstraints routing = stamp.constraints();
        if (routing.policy() instanceof PolicyChoice.Named(String policy)) {
            policy(key + "routing.policy", policy);
            mistakes.check(
                    allow.policies().isEmpty() || allow.policies().contains(policy),
                    key + "routing.policy",
                    policy,
                    "what allow.policies names: " + Names.listed(allow.policies()));
        }
        String provider = routing.provider();
        if (provider != null && !names.providers().containsKey(provider)) {
            mistakes.addName(key + "routing.provider", provider, names.providers().keySet());
        }
        Tier tier = routing.tier();
        mistakes.check(
                tier == null || allow.tiers().isEmpty() || allow.tiers().contains(tier),
                key + "routing.tier",
                tier == null ? "" : tier.label(),
                "what allow.tiers names: "
                        + Names.listed(allow.tiers().stream().map(Tier::label).toList()));
    }

    /** Beside a list of topics, the single one says where requests go that are sent without one. */
    private void ofSubmit() {
        String single = settings.topics().requests();
        List<String> listed =
                settings.requestTopics().stream()
                        .map(RequestTopicSettings::name)
                        .filter(Objects::nonNull)
                        .toList();
        mistakes.check(
                settings.requestTopics().isEmpty()
                        || single.equals(TopicSettings.REQUESTS)
                        || listed.contains(single),
                "gantry.topics.requests",
                single,
                "one of %s, or nothing: they take its place%s"
                        .formatted(KEY, EditDistance.hint(single, listed)));
    }
}
