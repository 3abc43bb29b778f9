package dev.gantry.simulator.script;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One JSON value of a script, with the path that an error about it names. */
public record ScriptNode(String path, JsonNode json) {
    private static final int SHOWN = 60;

    ScriptException wrong(String allowed) {
        return new ScriptException("%s: %s is not %s".formatted(path, shown(), allowed));
    }

    /** The value, cut short; where it might be an API key, nothing of it. */
    private String shown() {
        if (path.startsWith("script.accepted_keys") || path.equals("script.keys")) {
            return "the value";
        }
        String value = json.toString();
        return value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
    }

    /** Runs what checks the values, and names this place if they are refused. */
    <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ScriptException("%s.%s".formatted(path, e.getMessage()));
        }
    }

    /** This value as an object with no members but these. */
    ScriptNode object(String... members) {
        if (!json.isObject()) {
            throw wrong("an object with " + String.join(", ", members));
        }
        List<String> allowed = Arrays.asList(members);
        for (String name : json.propertyNames()) {
            if (!allowed.contains(name)) {
                throw new ScriptException(
                        "%s.%s is not known; allowed: %s"
                                .formatted(path, name, String.join(", ", members)));
            }
        }
        return this;
    }

    /** The member of this name, null if it is absent. */
    @Nullable ScriptNode member(String name) {
        JsonNode value = json.get(name);
        return value == null ? null : new ScriptNode(path + "." + name, value);
    }

    ScriptNode needed(String name, String allowed) {
        ScriptNode value = member(name);
        if (value == null) {
            throw new ScriptException("%s.%s is missing; it is %s".formatted(path, name, allowed));
        }
        return value;
    }

    List<ScriptNode> items() {
        if (!json.isArray()) {
            throw wrong("a list");
        }
        return IntStream.range(0, json.size())
                .mapToObj(i -> new ScriptNode("%s[%d]".formatted(path, i), json.get(i)))
                .toList();
    }

    String text() {
        if (!json.isString()) {
            throw wrong("a text");
        }
        return json.stringValue();
    }

    double number() {
        if (!json.isNumber()) {
            throw wrong("a number");
        }
        return json.doubleValue();
    }

    long whole() {
        if (!json.isIntegralNumber() || !json.canConvertToLong()) {
            throw wrong("a whole number");
        }
        return json.longValue();
    }

    int smallWhole() {
        if (!json.isIntegralNumber() || !json.canConvertToInt()) {
            throw wrong("a whole number up to " + Integer.MAX_VALUE);
        }
        return json.intValue();
    }

    boolean truth() {
        if (!json.isBoolean()) {
            throw wrong("true or false");
        }
        return json.booleanValue();
    }

    Duration time() {
        String allowed = "a time such as 400ms, 8s, 1m";
        if (!json.isString()) {
            throw wrong(allowed);
        }
        Duration time = parsed(json.stringValue());
        if (time == null || time.isNegative()) {
            throw wrong(allowed);
        }
        return time;
    }

    private static @Nullable Duration parsed(String text) {
        try {
            return DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** The constant of which this is the name in lower case. */
    <E extends Enum<E>> E oneOf(Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (json.isString() && label(constant).equals(json.stringValue())) {
                return constant;
            }
        }
        throw wrong(
                "one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(ScriptNode::label)
                                .collect(Collectors.joining(", ")));
    }

    public static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
