package dev.gantry.cli;

import dev.gantry.cli.Sender.Unsent;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;

/** What the error file says of a line that was not taken, in the form of a batch output line. */
final class UnsentLine {
    static final String OUTCOME = "not_sent";

    private UnsentLine() {}

    static byte[] bytes(Unsent unsent) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.putNull("id");
        line.put("custom_id", unsent.customId());
        line.putNull("response");
        line.putObject("error")
                .put("code", OUTCOME)
                .put("message", "line %d: %s".formatted(unsent.line(), unsent.reason()));
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }
}
