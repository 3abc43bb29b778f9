package dev.gantry.config;

import dev.gantry.inference.EditDistance;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.CommandLinePropertySource;

import java.util.List;
import java.util.Map;

/** Finds what is written under {@code gantry}, or a word much like it, and leads nowhere. */
final class UnknownKeys {
    private static final String ROOT = "gantry";

    /** What options of the command line begin with, unless they are somebody's own. */
    private static final List<String> ROOTS =
            List.of(ROOT, "spring", "management", "server", "logging");

    private UnknownKeys() {}

    static void find(ConfigurationPropertySource source, Mistakes mistakes) {
        if (source instanceof IterableConfigurationPropertySource names) {
            boolean typed = source.getUnderlyingSource() instanceof CommandLinePropertySource<?>;
            for (ConfigurationPropertyName name : names.stream().distinct().toList()) {
                ConfigurationProperty property = source.getConfigurationProperty(name);
                if (KeyLookup.isOurs(name)) {
                    judge(name, property, mistakes);
                } else {
                    judgeRoot(name, property, typed ? ROOTS : List.of(ROOT), mistakes);
                }
            }
        }
    }

    private static void judge(
            ConfigurationPropertyName name,
            @Nullable ConfigurationProperty property,
            Mistakes mistakes) {
        String place = property == null ? "" : Places.of(property.getOrigin());
        Object value = property == null ? "" : property.getValue();
        switch (KeyLookup.find(name)) {
            case KeyLookup.Found.Key _ -> {}
            case KeyLookup.Found.Branch _ -> {
                if (!isEmpty(value)) {
                    mistakes.addUnknown(
                            place,
                            "%s: %s; this takes keys below it, not a value"
                                    .formatted(name, ShownValue.ofUnknown(name, value, null)),
                            name.toString(),
                            "");
                }
            }
            case KeyLookup.Found.Nothing(var hint, var meant, _, int depth) ->
                    mistakes.addUnknown(
                            place,
                            "%s: there is no such key, %s".formatted(name, hint),
                            name.chop(depth).toString(),
                            meant);
        }
    }

    private static void judgeRoot(
            ConfigurationPropertyName name,
            @Nullable ConfigurationProperty property,
            List<String> roots,
            Mistakes mistakes) {
        String root = name.isEmpty() ? "" : name.getElement(0, Form.ORIGINAL);
        if (name.getNumberOfElements() > 1 && !mistakes.anyBelow(root)) {
            roots.stream()
                    .filter(each -> resembles(root, each) && !ROOTS.contains(root))
                    .findFirst()
                    .ifPresent(
                            meant ->
                                    mistakes.addUnknown(
                                            Places.above(property, root),
                                            "%s: there is no such key, did you mean %s?"
                                                    .formatted(root, meant),
                                            root,
                                            meant));
        }
    }

    static boolean resembles(String root) {
        return resembles(root, ROOT);
    }

    /** Not the word itself. */
    private static boolean resembles(String root, String meant) {
        int letters = EditDistance.between(KeySchema.uniform(root), meant);
        return letters > 0 && letters <= 2;
    }

    static boolean isEmpty(Object value) {
        return value.toString().isBlank() || (value instanceof Map<?, ?> map && map.isEmpty());
    }
}
