package dev.gantry.dialect;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.List;

/** One message of a conversation in OpenAI's form. */
public sealed interface ChatMessage {
    /** From the system or the developer. */
    record Instruction(List<Part> parts) implements ChatMessage {}

    record User(List<Part> parts) implements ChatMessage {}

    /**
     * What the model has said and called.
     *
     * @param thinking blocks of thinking as an answer of the anthropic dialect carried them
     */
    record Assistant(List<JsonNode> thinking, List<Part> parts, List<ToolCall> calls)
            implements ChatMessage {}

    /**
     * What a tool has returned.
     *
     * @param tool the name of the function that was called
     */
    record ToolResult(String callId, String tool, List<Part> parts) implements ChatMessage {}

    /** A piece of content. */
    sealed interface Part {
        /** How long the provider is to keep what stands up to here; null: not said. */
        @Nullable JsonNode cacheControl();
    }

    record Text(String text, @Nullable JsonNode cacheControl) implements Part {}

    /**
     * Media in the request itself.
     *
     * @param data base64
     */
    record Inline(String mediaType, String data, @Nullable JsonNode cacheControl) implements Part {}

    /** A picture by its address. */
    record Remote(String url, @Nullable JsonNode cacheControl) implements Part {}

    /**
     * A function that the model has called.
     *
     * @param arguments an object
     * @param signature by which Gemini knows its own thoughts again; null: none
     */
    record ToolCall(String id, String name, JsonNode arguments, @Nullable String signature) {}

    /**
     * A function that the model may call.
     *
     * @param parameters a JSON Schema; null: it takes none
     */
    record Tool(
            String name,
            @Nullable String description,
            @Nullable JsonNode parameters,
            boolean strict,
            @Nullable JsonNode cacheControl) {}

    /** Whether, and which, tools are to be called. */
    sealed interface ToolChoice {
        record Auto() implements ToolChoice {}

        record None() implements ToolChoice {}

        record Required() implements ToolChoice {}

        record Named(String name) implements ToolChoice {}
    }

    /** The form that the answer is to have. */
    sealed interface Format {
        record Free() implements Format {}

        record AnyObject() implements Format {}

        record Schema(JsonNode schema) implements Format {}
    }
}
