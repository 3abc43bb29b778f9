package dev.gantry.dialect;

import dev.gantry.dialect.ChatMessage.Format;
import dev.gantry.dialect.ChatMessage.Tool;
import dev.gantry.dialect.ChatMessage.ToolChoice;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/** Reads what a chat request says of tools, and of the form of its answer. */
public final class ToolReader {
    private ToolReader() {}

    /**
     * Empty: there are none.
     *
     * @throws Unsayable if one is no function
     */
    public static List<Tool> tools(ChatBody body) {
        List<Tool> tools = new ArrayList<>();
        JsonNode list = body.member("tools");
        if (list == null) {
            return tools;
        }
        for (JsonNode each : ChatBody.array(list, "tools")) {
            tools.add(tool(each, "tools[" + tools.size() + "]"));
        }
        return tools;
    }

    private static Tool tool(JsonNode tool, String where) {
        String type = ChatBody.text(ChatBody.object(tool, where).get("type"), where + ".type");
        if (!type.equals("function")) {
            throw new Unsayable(where + ".type", "function is wanted");
        }
        String at = where + ".function";
        JsonNode function = ChatBody.object(tool.get("function"), at);
        JsonNode description = ChatBody.present(function, "description");
        JsonNode parameters = ChatBody.present(function, "parameters");
        JsonNode strict = ChatBody.present(function, "strict");
        return new Tool(
                ChatBody.text(function.get("name"), at + ".name"),
                description == null ? null : ChatBody.text(description, at + ".description"),
                parameters == null ? null : ChatBody.object(parameters, at + ".parameters"),
                strict != null && strict.asBoolean(false),
                ChatBody.present(tool, "cache_control"));
    }

    /** The default is up to the model. */
    public static ToolChoice choice(ChatBody body) {
        JsonNode choice = body.member("tool_choice");
        if (choice == null) {
            return new ToolChoice.Auto();
        }
        if (choice.isObject() && "function".equals(choice.path("type").asString(""))) {
            String where = "tool_choice.function";
            JsonNode function = ChatBody.object(choice.get("function"), where);
            return new ToolChoice.Named(ChatBody.text(function.get("name"), where + ".name"));
        }
        return switch (choice.asString("")) {
            case "auto" -> new ToolChoice.Auto();
            case "none" -> new ToolChoice.None();
            case "required" -> new ToolChoice.Required();
            default ->
                    throw new Unsayable(
                            "tool_choice", "auto, none, required or a named function is wanted");
        };
    }

    /** The default is free text. */
    public static Format format(ChatBody body) {
        JsonNode format = body.member("response_format");
        if (format == null) {
            return new Format.Free();
        }
        String where = "response_format.type";
        return switch (ChatBody.text(
                ChatBody.object(format, "response_format").get("type"), where)) {
            case "text" -> new Format.Free();
            case "json_object" -> new Format.AnyObject();
            case "json_schema" -> new Format.Schema(schema(format));
            default ->
                    throw new Unsayable(where, "one of text, json_object, json_schema is wanted");
        };
    }

    private static JsonNode schema(JsonNode format) {
        String where = "response_format.json_schema";
        @Nullable JsonNode named = ChatBody.object(format.get("json_schema"), where);
        return ChatBody.object(named.get("schema"), where + ".schema");
    }
}
