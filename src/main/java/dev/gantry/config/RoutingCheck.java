package dev.gantry.config;

import java.util.List;

/** Whether {@code gantry.routing} is right in itself and refers to what exists. */
final class RoutingCheck {
    private static final String KEY = "gantry.routing.";

    private RoutingCheck() {}

    static void check(RoutingProperties routing, Names names, Mistakes mistakes) {
        try {
            routing.settings();
        } catch (IllegalArgumentException e) {
            mistakes.add(String.valueOf(e.getMessage()));
        }
        defaults(routing, names, mistakes);
        List<String> fallbacks = routing.fallbackModels();
        for (int index = 0; index < fallbacks.size(); index++) {
            model(KEY + "fallback-models[" + index + "]", fallbacks.get(index), names, mistakes);
        }
    }

    private static void defaults(RoutingProperties routing, Names names, Mistakes mistakes) {
        String provider = routing.defaultProvider();
        String model = routing.defaultModel();
        ProviderSettings named = provider == null ? null : names.providers().get(provider);
        if (provider != null && named == null) {
            mistakes.add(KEY + "default-provider", provider, names.allProviders());
        }
        if (model == null) {
            return;
        }
        if (named != null && !Names.offers(named, model)) {
            mistakes.add(
                    KEY + "default-model",
                    model,
                    "a model of default-provider %s: %s"
                            .formatted(
                                    provider, Names.of(java.util.Map.of("", named)).allModels()));
        } else {
            model(KEY + "default-model", model, names, mistakes);
        }
    }

    private static void model(String key, String model, Names names, Mistakes mistakes) {
        if (!model.isBlank() && !names.hasModel(model)) {
            mistakes.add(key, model, names.allModels());
        }
    }
}
