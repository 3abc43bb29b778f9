package dev.gantry.config;

import dev.gantry.inference.Capability;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Whether a model of a provider is whole and right in itself. */
final class ModelCheck {
    private static final Pattern MEMBER = Pattern.compile("[A-Za-z0-9_]+");

    /** A model's id stands in lane ids, metrics and JSON. */
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,200}");

    private final String key;
    private final ProviderSettings.Model model;
    private final Mistakes mistakes;

    private ModelCheck(String key, ProviderSettings.Model model, Mistakes mistakes) {
        this.key = key;
        this.model = model;
        this.mistakes = mistakes;
    }

    /**
     * Judges one entry.
     *
     * @param seen the provider's entries so far
     */
    static void check(
            String key, ProviderSettings.Model model, Set<String> seen, Mistakes mistakes) {
        ModelCheck check = new ModelCheck(key, model, mistakes);
        check.names(seen);
        check.limits();
        check.prices();
        limits(key + ".limits", model.limits(), mistakes);
    }

    /** Whether limits can be kept; of an instance, too. */
    static void limits(String key, ProviderSettings.Limits limits, Mistakes mistakes) {
        positive(key + ".requests-per-minute", limits.requestsPerMinute(), mistakes);
        positive(key + ".tokens-per-minute", limits.tokensPerMinute(), mistakes);
        positive(key + ".max-concurrent", limits.maxConcurrent(), mistakes);
    }

    private void names(Set<String> seen) {
        if (model.id() == null) {
            mistakes.missing(key + ".id", "the model's name at the provider");
        } else {
            name("id", model.id());
            mistakes.check(
                    seen.add(model.type() + " " + model.id()),
                    key + ".id",
                    model.id(),
                    "an id that no other model of the provider has");
        }
        model.aliases().forEach(alias -> name("aliases", alias));
    }

    private void limits() {
        positive(key + ".context-window", model.contextWindow(), mistakes);
        positive(key + ".max-output-tokens", model.maxOutputTokens(), mistakes);
        member("max-tokens-field", model.maxTokensField());
        model.unsupportedParams().forEach(each -> member("unsupported-params", each));
        for (String capability : model.capabilities()) {
            // Requests may say it in other words, a configuration is written in one.
            List<String> labels =
                    Arrays.stream(Capability.values()).map(Capability::label).toList();
            if (!labels.contains(capability)) {
                mistakes.addName(key + ".capabilities", capability, labels);
            }
        }
        mistakes.check(model.weight() >= 0, key + ".weight", model.weight(), "0 or more");
    }

    private void prices() {
        ProviderSettings.Prices price = model.price();
        Amount.check(key + ".price.input", price.input(), mistakes);
        Amount.check(key + ".price.cached-input", price.cachedInput(), mistakes);
        Amount.check(key + ".price.cache-write", price.cacheWrite(), mistakes);
        Amount.check(key + ".price.output", price.output(), mistakes);
    }

    private void name(String part, String name) {
        mistakes.check(
                NAME.matcher(name).matches() && !name.equals("auto"),
                key + "." + part,
                name,
                "1 to 200 printable characters without spaces; auto is taken: it opens all lanes");
    }

    private void member(String part, String name) {
        mistakes.check(
                MEMBER.matcher(name).matches(),
                key + "." + part,
                name,
                "a member name of A-Z a-z 0-9 _");
    }

    private static void positive(String key, @Nullable Number value, Mistakes mistakes) {
        mistakes.check(
                value == null || value.longValue() >= 1, key, String.valueOf(value), "1 or more");
    }
}
