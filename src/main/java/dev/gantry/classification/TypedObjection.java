package dev.gantry.classification;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What an error's own members say of the request's: where, and what is wrong there. Only of the
 * error's outermost JSON: what stands inside a text may be a quotation of the prompt.
 *
 * @param member the top-level member of the request; null: the place is deeper, or is not told
 * @param placed whether a place is told at all
 * @param code what is wrong there, in lower case; empty: it is not told
 */
record TypedObjection(@Nullable String member, boolean placed, String code) {
    private static final int DEPTH_LIMIT = 6;
    private static final int MOST = 20;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> UNKNOWN =
            Set.of(
                    "unsupported_parameter",
                    "unknown_parameter",
                    "unrecognized_parameter",
                    "parameter_not_supported",
                    "unsupported_field",
                    "unknown_field",
                    "unexpected_keyword_argument",
                    "additional_property",
                    "additionalproperties",
                    "unrecognized_keys",
                    "extra_forbidden",
                    "value_error.extra");

    private static final Set<String> ABOVE =
            Set.of("integer_above_max_value", "less_than_equal", "number.max");

    /** Whether the member itself is what is refused. */
    boolean unknown() {
        return UNKNOWN.contains(code);
    }

    boolean badValue() {
        return code.equals("unsupported_value");
    }

    boolean aboveMaximum() {
        return ABOVE.contains(code);
    }

    /** Whether it says by itself what is wrong. */
    boolean telling() {
        return unknown() || badValue() || aboveMaximum();
    }

    /** All that the body holds, outermost first; empty where it is no JSON. */
    static List<TypedObjection> in(Payload body) {
        if (body.size() > ErrorBody.LIMIT) {
            return List.of();
        }
        List<TypedObjection> found = new ArrayList<>();
        try {
            collect(JSON.readTree(body.bytes()), 0, found);
        } catch (JacksonException _) {
            return List.of(); // What is no JSON says nothing in members.
        }
        return found;
    }

    private static void collect(JsonNode node, int depth, List<TypedObjection> found) {
        if (depth > DEPTH_LIMIT || found.size() >= MOST) {
            return;
        }
        if (node.isObject()) {
            read(node, found);
        }
        if (node.isContainer()) {
            node.forEach(
                    each -> {
                        if (each.isContainer()) {
                            collect(each, depth + 1, found);
                        }
                    });
        }
    }

    private static void read(JsonNode node, List<TypedObjection> found) {
        JsonNode param = node.path("param");
        JsonNode place = node.path("loc");
        if (param.isString()) {
            found.add(
                    new TypedObjection(
                            topLevel(param.stringValue()), true, text(node.path("code"))));
        } else if (place.isArray()) {
            found.add(new TypedObjection(topLevel(place), true, text(node.path("type"))));
        } else if (node.path("code").isString()) {
            found.add(new TypedObjection(null, false, text(node.path("code"))));
        }
    }

    private static String text(JsonNode node) {
        return node.isString() ? node.stringValue().toLowerCase(Locale.ROOT) : "";
    }

    private static @Nullable String topLevel(JsonNode place) {
        int first = place.path(0).asString("").equals("body") ? 1 : 0;
        return place.size() == first + 1 && place.path(first).isString()
                ? topLevel(place.path(first).stringValue())
                : null;
    }

    private static @Nullable String topLevel(String place) {
        return place.matches("[A-Za-z][A-Za-z0-9_]{0,63}") ? place : null;
    }
}
