package dev.gantry.config;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.Tier;
import dev.gantry.routing.Glob;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whether an entry of {@code gantry.providers} is whole and right in itself. */
final class ProviderCheck {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]+");

    private static final String PLAIN_NAME = "one model's name; * and ? are for discover: true";

    private static final Duration MOST_OFTEN = Duration.ofMillis(100);

    /** A list is kept so long while polls fail. */
    private static final Duration LEAST_OFTEN = Duration.ofMinutes(5);

    private final String key;
    private final ProviderSettings provider;
    private final Mistakes mistakes;

    private ProviderCheck(String key, ProviderSettings provider, Mistakes mistakes) {
        this.key = key;
        this.provider = provider;
        this.mistakes = mistakes;
    }

    static void check(String name, ProviderSettings provider, Mistakes mistakes) {
        String key = "gantry.providers." + name;
        mistakes.check(
                NAME.matcher(name).matches(), key, name, "a name of a-z 0-9 _ - in lower case");
        ProviderCheck check = new ProviderCheck(key, provider, mistakes);
        check.itself();
        check.instances();
        check.models();
    }

    private void itself() {
        if (provider.tier() == null) {
            mistakes.missing(
                    key + ".tier",
                    "one of "
                            + Arrays.stream(Tier.values())
                                    .map(Tier::label)
                                    .collect(Collectors.joining(", ")));
        }
        weight(key, provider.weight());
        mistakes.check(
                provider.timeout().isPositive(),
                key + ".timeout",
                provider.timeout(),
                "more than 0s");
        mistakes.check(
                provider.connectTimeout().isPositive()
                        && provider.connectTimeout().compareTo(provider.timeout()) <= 0,
                key + ".connect-timeout",
                provider.connectTimeout(),
                "more than 0s, at most timeout (%s)"
                        .formatted(ShownValue.of(key + ".timeout", provider.timeout())));
        mistakes.check(
                provider.stallTimeout().isPositive(),
                key + ".stall-timeout",
                provider.stallTimeout(),
                "more than 0s");
        if (AuthStyle.of(provider).isEmpty()) {
            mistakes.add(
                    key + ".auth",
                    String.valueOf(provider.auth()),
                    "bearer, header:<name> or none");
        }
        mistakes.check(
                provider.discoverEvery().compareTo(MOST_OFTEN) >= 0
                        && provider.discoverEvery().compareTo(LEAST_OFTEN) <= 0,
                key + ".discover-every",
                provider.discoverEvery(),
                "100ms to 5m");
        Addresses.checkProxy(key + ".proxy", provider.proxy(), mistakes);
        noneBlank("denied-models", provider.deniedModels());
        noneBlank("allowed-models", provider.allowedModels());
    }

    /** It would be a part of every name. */
    private void noneBlank(String list, List<String> parts) {
        if (parts.stream().anyMatch(String::isBlank)) {
            mistakes.missing(key + "." + list, "parts of model names; an entry is empty");
        }
    }

    private void instances() {
        if (provider.instances().isEmpty()) {
            mistakes.missing(key + ".instances", "at least one, with base-url");
        }
        provider.instances()
                .forEach((name, each) -> instance(key + ".instances." + name, name, each));
    }

    private void instance(String at, String name, ProviderSettings.Instance instance) {
        mistakes.check(
                NAME.matcher(name).matches(), at, name, "a name of a-z 0-9 _ - in lower case");
        Addresses.checkBaseUrl(at + ".base-url", instance.baseUrl(), provider.dialect(), mistakes);
        if (!instance.apiKey().isEmpty() && instance.apiKeyFile() != null) {
            mistakes.add(
                    "%s.api-key: ***; api-key-file (%s) is there too, allowed is one of both"
                            .formatted(at, instance.apiKeyFile()));
        }
        String apiKey = instance.apiKey().value();
        if (!apiKey.strip().chars().allMatch(each -> each > ' ' && each < 0x7f)) {
            mistakes.add(at + ".api-key", "***", "printable ASCII without spaces or line breaks");
        }
        weight(at, instance.weight());
        ModelCheck.limits(at + ".limits", instance.limits(), mistakes);
        HeaderCheck.check(at + ".headers", instance.headers(), AuthStyle.of(provider), mistakes);
        Set<String> ids = ids();
        for (String model : instance.models()) {
            if (provider.discover() || ids.contains(model)) {
                continue;
            }
            if (Glob.isPattern(model)) {
                mistakes.add(at + ".models", model, PLAIN_NAME);
            } else {
                mistakes.addName(at + ".models", model, ids);
            }
        }
    }

    private void models() {
        if (provider.models().isEmpty() && !provider.discover()) {
            mistakes.missing(key + ".models", "at least one, with id; or discover: true");
        }
        Set<String> seen = new HashSet<>();
        List<ProviderSettings.Model> models = provider.models();
        for (int index = 0; index < models.size(); index++) {
            String at = "%s.models[%d]".formatted(key, index);
            ModelCheck.check(at, models.get(index), seen, mistakes);
            model(at, models.get(index));
        }
    }

    /** Whether it goes with its provider. */
    private void model(String at, ProviderSettings.Model model) {
        mistakes.check(
                provider.dialect() == Dialect.OPENAI
                        || model.capabilities().stream().noneMatch(ProviderCheck::isResponses),
                at + ".capabilities",
                Capability.RESPONSES.label(),
                "%s; responses is for dialect openai, others are asked by way of a chat"
                        .formatted(
                                Arrays.stream(Capability.values())
                                        .filter(each -> each != Capability.RESPONSES)
                                        .map(Capability::label)
                                        .collect(Collectors.joining(", "))));
        String id = String.valueOf(model.id());
        mistakes.check(provider.discover() || !Glob.isPattern(id), at + ".id", id, PLAIN_NAME);
        if (provider.dialect() == Dialect.ANTHROPIC
                && !provider.discover()
                && model.maxOutputTokens() == null) {
            mistakes.missing(
                    at + ".max-output-tokens",
                    "1 or more; dialect anthropic needs an output limit with every call");
        }
    }

    private static boolean isResponses(String capability) {
        return Capability.of(capability).filter(Capability.RESPONSES::equals).isPresent();
    }

    private Set<String> ids() {
        return provider.models().stream()
                .map(each -> String.valueOf(each.id()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void weight(String at, int weight) {
        mistakes.check(weight >= 0, at + ".weight", weight, "0 or more");
    }
}
