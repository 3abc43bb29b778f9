package dev.gantry.dialect.openai;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.JsonBytes;
import dev.gantry.dialect.TokenCounts;
import dev.gantry.dialect.WireNames;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One pass over an answer's body; strict about form, lenient about what it holds. */
final class BodyFacts {
    /** Answers are as long as they are. */
    static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(500)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /** Items of what the provider's own tools have done, and under which names it is billed. */
    private static final Map<String, String> OWN_TOOLS =
            Map.of(
                    "web_search_call", "web_search",
                    "file_search_call", "file_search",
                    "code_interpreter_call", "code_interpreter",
                    "image_generation_call", "image_generation");

    private final Operation operation;
    private final byte[] body;
    private final Map<String, Long> toolCalls = new HashMap<>();
    private @Nullable String id;
    private @Nullable String model;
    private final List<String> finishReasons = new ArrayList<>();
    private @Nullable String status;
    private boolean holdsAnswer;
    private boolean holdsError;
    private @Nullable String serviceTier;
    private @Nullable String usageTier;
    private @Nullable Usage usage;

    BodyFacts(Operation operation, byte[] body) {
        this.operation = operation;
        this.body = body;
    }

    /** Looks for the usage where the body could not be read up to it. */
    void readUsageAlone() {
        JsonNode alone = usage == null ? JsonBytes.last(body, "usage") : null;
        if (alone != null && alone.isObject()) {
            usage = TokenCounts.of(operation, ChatBody.JSON.writeValueAsBytes(alone));
            usageTier = WireNames.word(ChatCompletion.text(alone, "service_tier"));
        }
    }

    /**
     * @throws tools.jackson.core.JacksonException if the body is not exactly one JSON value
     */
    void read() {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            JsonToken root = json.nextToken();
            if (root == null) {
                throw new StreamReadException(json, "no value");
            }
            if (root == JsonToken.START_OBJECT) {
                members(json);
            } else {
                json.skipChildren();
            }
            if (json.nextToken() != null) {
                throw new StreamReadException(json, "more than one value");
            }
        }
    }

    private void members(JsonParser json) {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            switch (name) {
                case "id" -> id = text(json, value);
                case "model" -> model = text(json, value);
                case "service_tier" -> serviceTier = text(json, value);
                case "choices" -> choices(json, value);
                case "error" -> {
                    holdsError |= value != JsonToken.VALUE_NULL;
                    json.skipChildren();
                }
                case "usage" -> usage(json, value);
                case "status" -> status = text(json, value);
                case "incomplete_details" -> lacking(json, value);
                case "output" -> output(json, value);
                default -> {
                    holdsAnswer |=
                            name.equals(operation.evidence()) && value == JsonToken.START_ARRAY;
                    json.skipChildren();
                }
            }
        }
    }

    private void choices(JsonParser json, JsonToken value) {
        if (value != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            holdsAnswer = true;
            if (json.currentToken() == JsonToken.START_OBJECT) {
                choice(json);
            } else {
                json.skipChildren();
            }
        }
    }

    private void choice(JsonParser json) {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            if (name.equals("finish_reason")) {
                String reason = text(json, value);
                if (reason != null) {
                    finishReasons.add(reason);
                }
            } else {
                holdsError |= name.equals("error") && value != JsonToken.VALUE_NULL;
                json.skipChildren();
            }
        }
    }

    private void output(JsonParser json, JsonToken value) {
        if (value != JsonToken.START_ARRAY || !operation.equals(Operations.RESPONSES)) {
            json.skipChildren();
            return;
        }
        holdsAnswer = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.START_OBJECT) {
                item(json);
            } else {
                json.skipChildren();
            }
        }
    }

    private void item(JsonParser json) {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            String said = text(json, json.nextToken());
            if (name.equals("type") && said != null && OWN_TOOLS.containsKey(said)) {
                toolCalls.merge(OWN_TOOLS.get(said), 1L, Long::sum);
            }
        }
    }

    /** Why a response is not whole. */
    private void lacking(JsonParser json, JsonToken value) {
        if (value != JsonToken.START_OBJECT || !operation.equals(Operations.RESPONSES)) {
            json.skipChildren();
            return;
        }
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            String said = text(json, json.nextToken());
            if (name.equals("reason") && said != null) {
                finishReasons.add(said);
            }
        }
    }

    private void usage(JsonParser json, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        int start = (int) json.currentTokenLocation().getByteOffset();
        TokenCounts counts = new TokenCounts();
        counts.read(json);
        int end = (int) json.currentLocation().getByteOffset();
        usage = counts.usage(operation, TokenCounts.raw(body, start, end));
        usageTier = counts.serviceTier();
    }

    /** Null for what is no text, or too long to be a name. */
    private static @Nullable String text(JsonParser json, JsonToken value) {
        if (value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return null;
        }
        String text = json.getString();
        return text.length() <= OpenAiAnswer.LONGEST_NAME ? text : null;
    }

    @Nullable String id() {
        return id;
    }

    @Nullable String model() {
        return model;
    }

    @Nullable String finishReason() {
        boolean byStatus = finishReasons.isEmpty() && operation.equals(Operations.RESPONSES);
        if (byStatus) {
            return status;
        }
        return finishReasons.size() == 1
                ? finishReasons.getFirst()
                : FinishReason.gravest(finishReasons);
    }

    /** Whether it claims to be what was asked for, and nothing else. */
    boolean isAnswer() {
        return holdsAnswer && !holdsError;
    }

    @Nullable String serviceTier() {
        return serviceTier == null ? usageTier : serviceTier;
    }

    @Nullable Usage usage() {
        return usage == null || toolCalls.isEmpty() ? usage : usage.counting(toolCalls);
    }
}
