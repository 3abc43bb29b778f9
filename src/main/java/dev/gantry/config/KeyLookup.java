package dev.gantry.config;

import dev.gantry.inference.EditDistance;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Finds a name in the schema, or says where it leaves it. */
final class KeyLookup {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("gantry");
    private static final KeySchema SCHEMA = KeySchema.of(GantrySettings.class);

    /** An environment variable may write a dash as an underscore, which ends an element. */
    private static final int MOST_WORDS = 5;

    private KeyLookup() {}

    /** What a name leads to. */
    sealed interface Found {
        /** A key that takes a value. */
        record Key(Class<?> type) implements Found {}

        /**
         * A part of the tree above the keys; it may only stand there empty.
         *
         * @param secrets whether some of the keys below take secrets
         */
        record Branch(boolean secrets) implements Found {}

        /**
         * Nothing.
         *
         * @param hint what could be meant
         * @param meant the key that is most alike; empty where none is
         * @param type of that; null where it takes no value
         * @param depth elements of the name down to the one that is unknown
         */
        record Nothing(String hint, String meant, @Nullable Class<?> type, int depth)
                implements Found {
            private Nothing(String hint, int depth) {
                this(hint, "", null, depth);
            }
        }
    }

    static boolean isOurs(ConfigurationPropertyName name) {
        return PREFIX.isAncestorOf(name);
    }

    static Found find(ConfigurationPropertyName name) {
        return find(SCHEMA, name, 1);
    }

    private static Found find(KeySchema at, ConfigurationPropertyName name, int index) {
        if (index == name.getNumberOfElements()) {
            return end(at);
        }
        return switch (at) {
            case KeySchema.Group(var children, _) -> {
                KeySchema child = child(children, name.getElement(index, Form.UNIFORM));
                yield child == null ? nothing(children, name, index) : find(child, name, index + 1);
            }
            // The binder takes all that is left as the name of a plain entry.
            case KeySchema.Entries(KeySchema.Leaf(var type)) -> new Found.Key(type);
            case KeySchema.Entries(var value) -> find(value, name, index + 1);
            case KeySchema.Items(var element) ->
                    name.isNumericIndex(index) || isNumber(name.getElement(index, Form.UNIFORM))
                            ? find(element, name, index + 1)
                            : new Found.Nothing("this is a list: [0], [1] ...", index + 1);
            case KeySchema.Leaf _ ->
                    new Found.Nothing("the key above takes a single value", index + 1);
        };
    }

    private static Found end(KeySchema at) {
        return switch (at) {
            case KeySchema.Leaf(var type) -> new Found.Key(type);
            case KeySchema.Items(KeySchema.Leaf(var type)) -> new Found.Key(type);
            case KeySchema.Group(_, var alsoText) when alsoText -> new Found.Key(String.class);
            case KeySchema.Group _, KeySchema.Entries _, KeySchema.Items _ ->
                    new Found.Branch(holdsSecrets(at));
        };
    }

    private static boolean holdsSecrets(KeySchema at) {
        return switch (at) {
            case KeySchema.Leaf(var type) -> type == Secret.class;
            case KeySchema.Entries(var value) -> holdsSecrets(value);
            case KeySchema.Items(var element) -> holdsSecrets(element);
            case KeySchema.Group(var children, _) ->
                    children.values().stream().anyMatch(KeyLookup::holdsSecrets);
        };
    }

    private static @Nullable KeySchema child(Map<String, KeySchema> children, String uniform) {
        for (Map.Entry<String, KeySchema> child : children.entrySet()) {
            if (KeySchema.uniform(child.getKey()).equals(uniform)) {
                return child.getValue();
            }
        }
        return null;
    }

    private static Found nothing(
            Map<String, KeySchema> children, ConfigurationPropertyName name, int index) {
        String given = name.getElement(index, Form.UNIFORM);
        String parent = name.chop(index).toString();
        Comparator<String> unlike =
                Comparator.comparingInt(
                        each -> EditDistance.between(given, KeySchema.uniform(each)));
        String nearest = children.keySet().stream().min(unlike).orElseThrow();
        if (EditDistance.between(given, KeySchema.uniform(nearest)) > EditDistance.bound(given)) {
            return new Found.Nothing(
                    "allowed under %s: %s".formatted(parent, String.join(", ", children.keySet())),
                    index + 1);
        }
        return new Found.Nothing(
                "did you mean %s?".formatted(nearest),
                parent + "." + nearest,
                children.get(nearest) instanceof KeySchema.Leaf(var type) ? type : null,
                index + 1);
    }

    /**
     * Whether an environment variable, split at its underscores, is some key; of the names in maps,
     * those with an underscore or a dash must be known.
     *
     * @param names map keys in use, without punctuation
     */
    static boolean matchesVariable(ConfigurationPropertyName name, Set<String> names) {
        return matches(SCHEMA, name, 1, names);
    }

    private static boolean matches(
            KeySchema at, ConfigurationPropertyName name, int index, Set<String> names) {
        if (index == name.getNumberOfElements()) {
            return end(at) instanceof Found.Key;
        }
        return switch (at) {
            case KeySchema.Leaf _ -> false;
            case KeySchema.Entries(KeySchema.Leaf _) -> true;
            case KeySchema.Items(var element) ->
                    isNumber(name.getElement(index, Form.UNIFORM))
                            && matches(element, name, index + 1, names);
            case KeySchema.Entries(var value) -> {
                boolean found = matches(value, name, index + 1, names);
                for (int words = 2; !found && fits(name, index, words); words++) {
                    found =
                            names.contains(joined(name, index, words))
                                    && matches(value, name, index + words, names);
                }
                yield found;
            }
            case KeySchema.Group(var children, _) -> {
                boolean found = false;
                for (int words = 1; !found && fits(name, index, words); words++) {
                    KeySchema child = child(children, joined(name, index, words));
                    found = child != null && matches(child, name, index + words, names);
                }
                yield found;
            }
        };
    }

    /**
     * How variables of all keys are written, without the prefix.
     *
     * @param names those in use in maps
     * @param numbers those in use in lists
     */
    static Stream<String> variables(Set<String> names, List<String> numbers) {
        return variables(SCHEMA, "", names, numbers).map(each -> each.substring(1));
    }

    private static Stream<String> variables(
            KeySchema at, String path, Set<String> names, List<String> numbers) {
        Stream<String> itself = end(at) instanceof Found.Key ? Stream.of(path) : Stream.empty();
        Stream<Map.Entry<String, KeySchema>> below =
                switch (at) {
                    case KeySchema.Leaf _ -> Stream.empty();
                    case KeySchema.Group(var children, _) -> children.entrySet().stream();
                    case KeySchema.Entries(var value) ->
                            names.stream().map(each -> Map.entry(each, value));
                    case KeySchema.Items(var element) ->
                            numbers.stream().map(each -> Map.entry(each, element));
                };
        return Stream.concat(
                itself,
                below.flatMap(
                        each ->
                                variables(
                                        each.getValue(),
                                        path + "_" + variable(each.getKey()),
                                        names,
                                        numbers)));
    }

    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static boolean fits(ConfigurationPropertyName name, int index, int words) {
        return words <= MOST_WORDS && index + words <= name.getNumberOfElements();
    }

    private static String joined(ConfigurationPropertyName name, int index, int words) {
        return IntStream.range(index, index + words)
                .mapToObj(each -> name.getElement(each, Form.UNIFORM))
                .collect(Collectors.joining());
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(Character::isDigit);
    }
}
