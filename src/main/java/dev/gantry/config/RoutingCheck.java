package dev.gantry.config;

import dev.gantry.routing.RoutingSettings;

import java.util.List;

/** Whether {@code gantry.routing} refers to what exists. */
final class RoutingCheck {
    private static final String KEY = "gantry.routing.";

    private RoutingCheck() {}

    static void check(RoutingSettings routing, Names names, Mistakes mistakes) {
        defaults(routing, names, mistakes);
        List<String> fallbacks = routing.fallbackModels();
        for (int index = 0; index < fallbacks.size(); index++) {
            model(KEY + "fallback-models[" + index + "]", fallbacks.get(index), names, mistakes);
        }
    }

    private static void defaults(RoutingSettings routing, Names names, Mistakes mistakes) {
        String provider = routing.defaultProvider();
        String model = routing.defaultModel();
        boolean named = provider != null && names.providers().containsKey(provider);
        if (provider != null && !named) {
            mistakes.addName(KEY + "default-provider", provider, names.providers().keySet());
        }
        if (model == null) {
            return;
        }
        if (provider != null && named && !names.offers(provider, model)) {
            mistakes.add(
                    KEY + "default-model",
                    model,
                    "a model of default-provider %s: %s"
                            .formatted(provider, Names.listed(names.models(provider))));
        } else {
            model(KEY + "default-model", model, names, mistakes);
        }
    }

    private static void model(String key, String model, Names names, Mistakes mistakes) {
        if (!model.isBlank() && !names.hasModel(model)) {
            mistakes.addName(key, model, names.models());
        }
    }
}
