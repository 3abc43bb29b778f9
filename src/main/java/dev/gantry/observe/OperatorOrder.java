package dev.gantry.observe;

import dev.gantry.circuit.state.OperatorAction;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/** Reads the body of an operator's request; whatever is wrong is named. */
final class OperatorOrder {
    private static final Set<String> MEMBERS = Set.of("target", "action", "for", "reason", "actor");
    private static final Set<String> SIGNATURE = Set.of("reason", "actor");

    /** Who names nobody. */
    private static final String OPERATOR = "operator";

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .build();

    private OperatorOrder() {}

    /**
     * @throws IllegalArgumentException that names the member and what is allowed
     */
    static OperatorAction read(byte[] body) {
        JsonNode order = object(body);
        onlyOf(MEMBERS, order);
        String reason = text(order, "reason");
        String actor = text(order, "actor");
        return OperatorAction.parse(
                required(order, "target"),
                required(order, "action"),
                text(order, "for"),
                reason == null ? "" : reason,
                actor == null ? OPERATOR : actor);
    }

    /** Who gave an order that needs no more words, and why. */
    record Signed(String actor, String reason) {}

    /**
     * Of a body that may be empty.
     *
     * @throws IllegalArgumentException that names the member and what is allowed
     */
    static Signed signed(byte[] body) {
        if (new String(body, StandardCharsets.UTF_8).isBlank()) {
            return new Signed(OPERATOR, "");
        }
        JsonNode order = object(body);
        onlyOf(SIGNATURE, order);
        String actor = text(order, "actor");
        String reason = text(order, "reason");
        return new Signed(
                OperatorAction.checkedActor(actor == null ? OPERATOR : actor),
                OperatorAction.checkedReason(reason == null ? "" : reason));
    }

    private static void onlyOf(Set<String> members, JsonNode order) {
        for (String name : new TreeSet<>(order.propertyNames())) {
            if (!members.contains(name)) {
                throw new IllegalArgumentException(
                        "%s: unknown; allowed are %s".formatted(name, new TreeSet<>(members)));
            }
        }
    }

    private static JsonNode object(byte[] body) {
        try {
            JsonNode order = JSON.readTree(body);
            if (order.isObject()) {
                return order;
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("the body is no JSON: " + e.getOriginalMessage(), e);
        }
        throw new IllegalArgumentException("the body is no JSON object");
    }

    private static String required(JsonNode order, String name) {
        String text = text(order, name);
        if (text == null) {
            throw new IllegalArgumentException(name + ": missing");
        }
        return text;
    }

    private static @Nullable String text(JsonNode order, String name) {
        JsonNode value = order.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new IllegalArgumentException(name + ": not a text");
        }
        return value.asString();
    }
}
