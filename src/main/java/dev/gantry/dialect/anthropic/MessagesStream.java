package dev.gantry.dialect.anthropic;

import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.TranslatedStream;
import dev.gantry.dialect.WireFormat.Reading;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a stream of the Messages API: the message is built block by block. */
final class MessagesStream extends TranslatedStream {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String OUTPUT = "output_tokens";

    private final List<Block> blocks = new ArrayList<>();
    private final Map<Integer, Block> open = new HashMap<>();
    private @Nullable ObjectNode message;

    /** Whether output has been counted: what a message begins with is a placeholder. */
    private boolean counted;

    private int calls;
    private boolean stopped;

    /**
     * A block in the making.
     *
     * @param json as it began
     * @param call the index of the call that it is; -1: none
     * @param grown its text, thinking, or input so far
     */
    private record Block(ObjectNode json, int call, StringBuilder grown) {
        String type() {
            return textOf(json, "type");
        }

        boolean answersByTool() {
            return textOf(json, "name").equals(MessagesRequest.ANSWER_TOOL);
        }

        /** As it would stand in an answer that is not streamed. */
        ObjectNode whole() {
            if (!grown.isEmpty()) {
                switch (type()) {
                    case "text", "thinking" -> json.put(type(), grown.toString());
                    default -> json.set("input", input());
                }
            }
            return json;
        }

        /** A text where it is cut short. */
        private JsonNode input() {
            byte[] bytes = grown.toString().getBytes(StandardCharsets.UTF_8);
            JsonNode input = ChatCompletion.parse(bytes);
            return input == null ? NODES.stringNode(grown.toString()) : input;
        }
    }

    MessagesStream(boolean usageWanted, int status, Map<String, String> headers) {
        super(usageWanted, status, headers);
    }

    @Override
    protected void event(@Nullable String name, JsonNode data) {
        String type = ChatCompletion.text(data, "type");
        switch (String.valueOf(type == null ? name : type)) {
            case "message_start" -> start(data.path("message"));
            case "content_block_start" -> begin(data);
            case "content_block_delta" -> grow(data);
            case "content_block_stop" -> end(open.remove(data.path("index").asInt(0)));
            case "message_delta" -> messageDelta(data);
            case "message_stop" -> stopped = true;
            case "ping" -> {}
            case "error" -> failed(data);
            default -> unknown();
        }
    }

    private void start(JsonNode begun) {
        if (message == null && begun instanceof ObjectNode object) {
            message = object;
            name(ChatCompletion.text(object, "id"), ChatCompletion.text(object, "model"));
        }
    }

    private void begin(JsonNode event) {
        if (!(event.get("content_block") instanceof ObjectNode json)) {
            unknown();
            return;
        }
        String type = textOf(json, "type");
        boolean call =
                type.equals("tool_use")
                        && !textOf(json, "name").equals(MessagesRequest.ANSWER_TOOL);
        Block block = new Block(json, call ? calls++ : -1, new StringBuilder());
        blocks.add(block);
        open.put(event.path("index").asInt(0), block);
        if (call) {
            ObjectNode said = NODES.objectNode();
            ObjectNode first = call(said, block).put("id", textOf(json, "id"));
            first.put("type", "function")
                    .putObject("function")
                    .put("name", textOf(json, "name"))
                    .put("arguments", "");
            delta(0, said);
        } else if (type.equals("text") || type.equals("thinking")) {
            say(block, textOf(json, type));
        }
    }

    private static ObjectNode call(ObjectNode said, Block block) {
        return said.putArray("tool_calls").addObject().put("index", block.call());
    }

    private void grow(JsonNode event) {
        Block block = open.get(event.path("index").asInt(0));
        JsonNode delta = event.path("delta");
        String type = textOf(delta, "type");
        if (block == null) {
            unknown();
            return;
        }
        switch (type) {
            case "text_delta" -> sayIf("text", block, textOf(delta, "text"));
            case "thinking_delta" -> sayIf("thinking", block, textOf(delta, "thinking"));
            case "input_json_delta" -> say(block, textOf(delta, "partial_json"));
            case "signature_delta" -> block.json().put("signature", textOf(delta, "signature"));
            case "citations_delta" -> {} // Of no effect in an answer that is not streamed either.
            default -> unknown();
        }
    }

    private void sayIf(String type, Block block, String more) {
        if (type.equals(block.type())) {
            say(block, more);
        } else {
            unknown();
        }
    }

    private void say(Block block, String more) {
        block.grown().append(more);
        tell(block, more);
    }

    private void tell(Block block, String more) {
        if (more.isEmpty()) {
            return;
        }
        ObjectNode said = NODES.objectNode();
        switch (block.type()) {
            case "text" -> said.put("content", more);
            case "thinking" -> said.put("reasoning_content", more);
            case "tool_use" -> {
                if (block.answersByTool()) {
                    said.put("content", more);
                } else {
                    call(said, block).putObject("function").put("arguments", more);
                }
            }
            default -> {}
        }
        delta(0, said);
    }

    /** What is known only now: thinking as it is wanted back, an input that came with its block. */
    private void end(@Nullable Block block) {
        if (block == null) {
            unknown();
            return;
        }
        switch (block.type()) {
            case "thinking", "redacted_thinking" -> {
                ObjectNode said = NODES.objectNode();
                said.putArray("thinking_blocks").add(block.whole());
                delta(0, said);
            }
            case "tool_use" -> {
                if (block.grown().isEmpty()) {
                    tell(block, ChatCompletion.written(block.json().get("input")));
                }
            }
            default -> {}
        }
    }

    private void messageDelta(JsonNode event) {
        ObjectNode target = begun();
        event.path("delta").forEachEntry(target::set);
        ObjectNode usage =
                target.get("usage") instanceof ObjectNode told ? told : target.putObject("usage");
        event.path("usage")
                .forEachEntry(
                        (name, count) -> {
                            if (!count.isNull()) {
                                usage.set(name, count);
                                counted |= name.equals(OUTPUT);
                            }
                        });
    }

    private ObjectNode begun() {
        if (message == null) {
            message = NODES.objectNode();
        }
        return message;
    }

    private void failed(JsonNode event) {
        if (event instanceof ObjectNode error) {
            ObjectNode told = joined();
            if (told != null && told.has("usage") && !error.has("usage")) {
                error.set("usage", told.get("usage"));
            }
            fail(error);
        }
    }

    @Override
    protected boolean ended() {
        return stopped || (message != null && message.path("stop_reason").isString());
    }

    @Override
    protected @Nullable ObjectNode joined() {
        if (message == null && blocks.isEmpty()) {
            return null;
        }
        ObjectNode whole = begun();
        ArrayNode content = whole.putArray("content");
        blocks.forEach(each -> content.add(each.whole()));
        if (!counted && whole.get("usage") instanceof ObjectNode usage) {
            usage.remove(OUTPUT);
        }
        return whole;
    }

    @Override
    protected Reading read(int status, Map<String, String> headers, byte[] own) {
        return MessagesAnswer.read(status, headers, own);
    }

    private static String textOf(JsonNode parent, String name) {
        String text = ChatCompletion.text(parent, name);
        return text == null ? "" : text;
    }
}
