package dev.gantry.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The names that other keys may refer to. */
record Names(Map<String, ProviderSettings> providers) {
    static Names of(Map<String, ProviderSettings> providers) {
        return new Names(providers);
    }

    boolean hasProvider(String name) {
        return providers.containsKey(name);
    }

    /** Whether any provider offers it, under its id or an alias. */
    boolean hasModel(String name) {
        return providers.values().stream().anyMatch(each -> offers(each, name));
    }

    /** What a discovering provider offers is known only at run time. */
    static boolean offers(ProviderSettings provider, String model) {
        return provider.discover()
                || provider.models().stream()
                        .anyMatch(
                                each -> model.equals(each.id()) || each.aliases().contains(model));
    }

    String allProviders() {
        return listed(providers.keySet());
    }

    String allModels() {
        Set<String> models =
                providers.values().stream()
                        .flatMap(each -> each.models().stream())
                        .map(ProviderSettings.Model::id)
                        .map(String::valueOf)
                        .collect(Collectors.toCollection(TreeSet::new));
        return listed(models);
    }

    static String listed(Set<String> names) {
        return names.isEmpty() ? "none (there are none)" : String.join(", ", names);
    }
}
