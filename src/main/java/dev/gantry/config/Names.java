package dev.gantry.config;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The names that other keys may refer to.
 *
 * @param broken providers whose own mistakes may hide what they offer
 */
record Names(Map<String, ProviderSettings> providers, Predicate<String> broken) {
    /** Whether any provider offers it, under its id or an alias. */
    boolean hasModel(String name) {
        return providers.keySet().stream().anyMatch(each -> offers(each, name));
    }

    /** What a discovering provider offers is known only at run time. */
    boolean offers(String provider, String model) {
        ProviderSettings settings = providers.get(provider);
        return settings != null
                && (broken.test(provider)
                        || settings.discover()
                        || settings.models().stream()
                                .anyMatch(
                                        each ->
                                                model.equals(each.id())
                                                        || each.aliases().contains(model)));
    }

    Set<String> models() {
        return providers.keySet().stream()
                .flatMap(each -> models(each).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    Set<String> models(String provider) {
        ProviderSettings settings = providers.get(provider);
        return settings == null
                ? Set.of()
                : settings.models().stream()
                        .map(ProviderSettings.Model::id)
                        .map(String::valueOf)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    static String listed(Collection<String> names) {
        return names.isEmpty() ? "none (there are none)" : String.join(", ", names);
    }
}
