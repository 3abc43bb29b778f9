package dev.gantry.config;

import org.springframework.core.ResolvableType;

import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Which keys there are: the shape of a settings record, read off its components. */
sealed interface KeySchema {
    /** A value. */
    record Leaf(Class<?> type) implements KeySchema {}

    /**
     * A record.
     *
     * @param children by name in kebab case
     * @param alsoText whether one text may stand for the whole
     */
    record Group(Map<String, KeySchema> children, boolean alsoText) implements KeySchema {}

    /** A map with free names. */
    record Entries(KeySchema value) implements KeySchema {}

    /** A list. */
    record Items(KeySchema element) implements KeySchema {}

    static KeySchema of(Class<?> record) {
        return of(ResolvableType.forClass(record));
    }

    private static KeySchema of(ResolvableType type) {
        Class<?> raw = type.toClass();
        if (Map.class.isAssignableFrom(raw)) {
            return new Entries(of(type.asMap().getGeneric(1)));
        }
        if (Collection.class.isAssignableFrom(raw)) {
            return new Items(of(type.asCollection().getGeneric(0)));
        }
        return isText(raw) ? new Leaf(raw) : group(raw);
    }

    private static KeySchema group(Class<?> record) {
        Map<String, KeySchema> children = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            children.put(
                    kebab(component.getName()),
                    of(ResolvableType.forType(component.getGenericType())));
        }
        return new Group(children, readsText(record));
    }

    /** A record of one text component is a value that only wraps it: a secret, a schema's name. */
    private static boolean isText(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        return components == null
                || (components.length == 1 && components[0].getName().equals("value"));
    }

    /** Whether the components of such a value are keys of their own. */
    static boolean hasKeys(Record value) {
        return !isText(value.getClass());
    }

    /** The binder finds a static {@code of(String)} by itself. */
    private static boolean readsText(Class<?> record) {
        return Stream.of(record.getDeclaredMethods())
                .anyMatch(
                        method ->
                                method.getName().equals("of")
                                        && Modifier.isStatic(method.getModifiers())
                                        && method.getParameterCount() == 1
                                        && method.getParameterTypes()[0] == String.class);
    }

    /** As Spring Boot derives it: {@code targetP95Ms} is {@code target-p95-ms}. */
    static String kebab(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** The name as Spring compares it. */
    static String uniform(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    }
}
