package dev.gantry.dialect;

import dev.gantry.inference.RequestBody;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a streamed request says of the usage: providers are always asked for it. */
public final class StreamUsage {
    private StreamUsage() {}

    /** Whether the caller wants the chunk that holds nothing else. */
    public static boolean wanted(RequestBody body) {
        return body.member("stream_options").filter(each -> wanted(body, each)).isPresent();
    }

    private static boolean wanted(RequestBody body, RequestBody.Member options) {
        int length = options.valueEnd() - options.valueStart();
        try {
            JsonNode value = ChatBody.JSON.readTree(body.bytes(), options.valueStart(), length);
            return value.path("include_usage").asBoolean(false);
        } catch (JacksonException e) {
            return false;
        }
    }
}
