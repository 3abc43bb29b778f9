package dev.gantry.dialect;

import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Payload;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** An answer that comes whole where a stream was asked for: one chunk, at its end. */
public final class UnstreamedReader implements StreamReader {
    private final WireFormat format;
    private final Operation operation;
    private final int status;
    private final Map<String, String> headers;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    public UnstreamedReader(
            WireFormat format, Operation operation, int status, Map<String, String> headers) {
        this.format = format;
        this.operation = operation;
        this.status = status;
        this.headers = headers;
    }

    @Override
    public void take(byte[] bytes, int length, Consumer<byte[]> deltas) {
        body.write(bytes, 0, length);
    }

    @Override
    public Ended end() {
        Reading reading = format.answer(operation, status, headers, body.toByteArray());
        Payload answer = reading.answer().body();
        return new Ended(
                reading,
                answer.isJson(),
                reading.good() ? List.of(asChunk(answer.bytes())) : List.of());
    }

    /** The whole message as one delta. */
    private static byte[] asChunk(byte[] answer) {
        JsonNode chunk = ChatBody.JSON.readTree(answer);
        for (JsonNode choice : chunk.path("choices")) {
            if (choice instanceof ObjectNode object
                    && object.remove("message") instanceof ObjectNode message) {
                int index = 0;
                for (JsonNode call : message.path("tool_calls")) {
                    if (call instanceof ObjectNode each) {
                        each.put("index", index++);
                    }
                }
                object.set("delta", message);
            }
        }
        if (chunk instanceof ObjectNode object
                && object.path("object").asString("").equals("chat.completion")) {
            object.put("object", "chat.completion.chunk");
        }
        return ChatBody.JSON.writeValueAsBytes(chunk);
    }
}
