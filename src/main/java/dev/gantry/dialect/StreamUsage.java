package dev.gantry.dialect;

import dev.gantry.inference.RequestBody;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a streamed request says of the usage: providers are always asked for it. */
public final class StreamUsage {
    private static final String INCLUDE = "include_usage";

    private StreamUsage() {}

    /** Whether the caller wants the chunk that holds nothing else. */
    public static boolean wanted(RequestBody body) {
        return options(body).path(INCLUDE).asBoolean(false);
    }

    /** The caller's {@code stream_options}, asking for the usage too. */
    public static String asking(RequestBody body) {
        return options(body).put(INCLUDE, true).toString();
    }

    /** Empty where there are none. */
    private static ObjectNode options(RequestBody body) {
        return body.member("stream_options")
                .map(each -> read(body, each))
                .orElseGet(ChatBody.JSON::createObjectNode);
    }

    private static ObjectNode read(RequestBody body, RequestBody.Member options) {
        int length = options.valueEnd() - options.valueStart();
        try {
            JsonNode value = ChatBody.JSON.readTree(body.bytes(), options.valueStart(), length);
            return value instanceof ObjectNode object ? object : ChatBody.JSON.createObjectNode();
        } catch (JacksonException e) {
            return ChatBody.JSON.createObjectNode();
        }
    }
}
