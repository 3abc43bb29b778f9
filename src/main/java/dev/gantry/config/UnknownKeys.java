package dev.gantry.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

import java.util.Map;

/** Finds what is written under {@code gantry} and leads nowhere. */
final class UnknownKeys {
    private UnknownKeys() {}

    static void find(ConfigurationPropertySource source, Mistakes mistakes) {
        if (source instanceof IterableConfigurationPropertySource names) {
            names.stream()
                    .filter(KeyLookup::isOurs)
                    .distinct()
                    .forEach(name -> judge(name, source.getConfigurationProperty(name), mistakes));
        }
    }

    private static void judge(
            ConfigurationPropertyName name,
            @Nullable ConfigurationProperty property,
            Mistakes mistakes) {
        Object value = property == null ? "" : property.getValue();
        switch (KeyLookup.find(name)) {
            case KeyLookup.Found.Key _ -> {}
            case KeyLookup.Found.Branch _ -> {
                if (!isEmpty(value)) {
                    mistakes.add(
                            "%s: %s; this takes keys below it, not a value"
                                    .formatted(name, ShownValue.ofUnknown(name, value, null)));
                }
            }
            case KeyLookup.Found.Nothing(var hint, var nearest) ->
                    mistakes.add(
                            "%s: %s; there is no such key, %s%s"
                                    .formatted(
                                            name,
                                            ShownValue.ofUnknown(name, value, nearest),
                                            hint,
                                            origin(property)));
        }
    }

    static boolean isEmpty(Object value) {
        return value.toString().isBlank() || (value instanceof Map<?, ?> map && map.isEmpty());
    }

    private static String origin(@Nullable ConfigurationProperty property) {
        return property == null || property.getOrigin() == null
                ? ""
                : " (%s)".formatted(property.getOrigin());
    }
}
