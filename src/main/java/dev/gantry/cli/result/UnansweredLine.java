package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;

/**
 * What the error file says of a request that nobody answers, in the form of a batch output line.
 */
final class UnansweredLine {
    /** Outcome and code of a line that never reached the topic. */
    static final String NOT_SENT = "not_sent";

    /** Outcome of a record on the topic that has no readable id. */
    static final String UNNAMED = "unnamed";

    private UnansweredLine() {}

    static byte[] unsent(Unsent unsent) {
        return line(
                unsent.customId(),
                NOT_SENT,
                "line %d: %s".formatted(unsent.line(), unsent.reason()));
    }

    static byte[] unnamed(String topic, ExpectedIds.Place place) {
        return line(
                null,
                "invalid_request",
                "%s-%d@%d: no custom_id can be read; the record is on the dead-letter topic"
                        .formatted(topic, place.partition(), place.offset()));
    }

    private static byte[] line(@Nullable String customId, String code, String message) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.putNull("id");
        line.put("custom_id", customId);
        line.putNull("response");
        line.putObject("error").put("code", code).put("message", message);
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }
}
