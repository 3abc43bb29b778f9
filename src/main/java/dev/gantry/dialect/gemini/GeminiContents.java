package dev.gantry.dialect.gemini;

import dev.gantry.dialect.ChatMessage;
import dev.gantry.dialect.ChatMessage.Assistant;
import dev.gantry.dialect.ChatMessage.Inline;
import dev.gantry.dialect.ChatMessage.Instruction;
import dev.gantry.dialect.ChatMessage.Part;
import dev.gantry.dialect.ChatMessage.Remote;
import dev.gantry.dialect.ChatMessage.Text;
import dev.gantry.dialect.ChatMessage.ToolCall;
import dev.gantry.dialect.ChatMessage.ToolResult;
import dev.gantry.dialect.ChatMessage.User;
import dev.gantry.dialect.Unsayable;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.net.URLConnection;
import java.util.List;

/** Messages as contents whose roles alternate, and the instruction apart from them. */
final class GeminiContents {
    /** Where a call was another model's, there is no signature to give back; Google's own word. */
    private static final String NO_SIGNATURE = "skip_thought_signature_validator";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final boolean signs;
    private final ArrayNode instructions = NODES.arrayNode();
    private final ArrayNode contents = NODES.arrayNode();
    private @Nullable String side;
    private @Nullable ArrayNode parts;

    private GeminiContents(boolean signs) {
        this.signs = signs;
    }

    static void write(ObjectNode json, List<ChatMessage> messages, String model) {
        GeminiContents writer = new GeminiContents(!model.contains("gemini-2"));
        messages.forEach(writer::add);
        if (writer.contents.isEmpty()) {
            throw new Unsayable("messages", "one that is no instruction is wanted");
        }
        if (!writer.instructions.isEmpty()) {
            json.putObject("systemInstruction").set("parts", writer.instructions);
        }
        json.set("contents", writer.contents);
    }

    private void add(ChatMessage message) {
        switch (message) {
            case Instruction(List<Part> told) -> content(instructions, told);
            case User(List<Part> asked) -> content(partsOf("user"), asked);
            case ToolResult result -> result(partsOf("user"), result);
            case Assistant(_, var said, var calls) -> {
                ArrayNode list = partsOf("model");
                content(list, said);
                for (int i = 0; i < calls.size(); i++) {
                    call(list.addObject(), calls.get(i), i == 0);
                }
            }
        }
    }

    private ArrayNode partsOf(String wanted) {
        if (parts == null || !wanted.equals(side)) {
            side = wanted;
            parts = contents.addObject().put("role", wanted).putArray("parts");
        }
        return parts;
    }

    /** Of calls made at once only the first bears a signature. */
    private void call(ObjectNode part, ToolCall call, boolean first) {
        part.putObject("functionCall")
                .put("id", call.id())
                .put("name", call.name())
                .set("args", call.arguments());
        if (call.signature() != null) {
            part.put("thoughtSignature", call.signature());
        } else if (first && signs) {
            part.put("thoughtSignature", NO_SIGNATURE);
        }
    }

    private static void result(ArrayNode list, ToolResult result) {
        StringBuilder output = new StringBuilder();
        for (Part each : result.parts()) {
            if (!(each instanceof Text(String text, _))) {
                throw new Unsayable("messages[].content", "text is wanted as a tool's result");
            }
            output.append(text);
        }
        list.addObject()
                .putObject("functionResponse")
                .put("id", result.callId())
                .put("name", result.tool())
                .putObject("response")
                .put("output", output.toString());
    }

    private static void content(ArrayNode list, List<Part> content) {
        for (Part part : content) {
            if (part.cacheControl() != null) {
                throw new Unsayable(
                        "messages[].content[].cache_control",
                        "has no counterpart in this dialect; a part without it is wanted");
            }
            ObjectNode written = list.addObject();
            switch (part) {
                case Text(String text, _) -> written.put("text", text);
                case Inline(String mediaType, String data, _) ->
                        written.putObject("inlineData")
                                .put("mimeType", mediaType)
                                .put("data", data);
                case Remote(String url, _) ->
                        written.putObject("fileData")
                                .put("mimeType", mediaType(url))
                                .put("fileUri", url);
            }
        }
    }

    /** By the address's ending, as nobody has said it. */
    private static String mediaType(String url) {
        String path = url.replaceFirst("[?#].*", "");
        String guess =
                path.endsWith(".webp")
                        ? "image/webp"
                        : URLConnection.guessContentTypeFromName(path);
        return guess != null && guess.startsWith("image/") ? guess : "image/jpeg";
    }
}
