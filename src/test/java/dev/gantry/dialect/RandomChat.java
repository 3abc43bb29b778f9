package dev.gantry.dialect;

import dev.gantry.inference.Dialect;
import dev.gantry.inference.Operation;
import dev.gantry.operation.Operations;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Random;

/** Chat requests of everything that a dialect has a form for. */
final class RandomChat {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> TEXTS =
            List.of("Hi", "Wie weit? 🙂", "a \"quote\" \\ and\nlines", "{\"x\":1}", " ");

    private final Random random;
    private final Dialect dialect;
    private final Operation operation;
    private int calls;

    /**
     * @param operation that has the forms as well
     */
    RandomChat(Random random, Dialect dialect, Operation operation) {
        this.random = random;
        this.dialect = dialect;
        this.operation = operation;
    }

    ObjectNode next() {
        ObjectNode body = JSON.createObjectNode().put("model", "ours");
        ArrayNode messages = body.putArray("messages");
        boolean tools = random.nextBoolean();
        if (random.nextBoolean()) {
            message(messages, random.nextBoolean() ? "system" : "developer").put("content", text());
        }
        int turns = 1 + random.nextInt(4);
        for (int i = 0; i < turns; i++) {
            user(messages);
            if (random.nextBoolean()) {
                assistant(messages, tools && random.nextBoolean());
            }
        }
        user(messages);
        if (tools) {
            tools(body);
        }
        options(body);
        return body;
    }

    private static ObjectNode message(ArrayNode messages, String role) {
        return messages.addObject().put("role", role);
    }

    private void user(ArrayNode messages) {
        ObjectNode message = message(messages, "user");
        if (random.nextInt(3) > 0) {
            message.put("content", text());
            return;
        }
        ArrayNode parts = message.putArray("content");
        parts.addObject().put("type", "text").put("text", text());
        String url = any(List.of("data:image/png;base64,AAAA", "https://example.org/cat.png"));
        parts.addObject().put("type", "image_url").putObject("image_url").put("url", url);
    }

    private void assistant(ArrayNode messages, boolean calling) {
        ObjectNode message = message(messages, "assistant");
        if (!calling) {
            message.put("content", text());
            return;
        }
        message.putNull("content");
        ArrayNode list = message.putArray("tool_calls");
        int first = calls;
        for (int i = 0; i <= random.nextInt(2); i++) {
            list.addObject()
                    .put("id", "call_" + calls++)
                    .put("type", "function")
                    .putObject("function")
                    .put("name", "f" + random.nextInt(2))
                    .put("arguments", any(List.of("{}", "{\"city\":\"Bern\",\"n\":[1,2.5]}")));
        }
        for (int i = first; i < calls; i++) {
            message(messages, "tool").put("tool_call_id", "call_" + i).put("content", text());
        }
    }

    private void tools(ObjectNode body) {
        ArrayNode list = body.putArray("tools");
        for (int i = 0; i < 2; i++) {
            ObjectNode function = list.addObject().put("type", "function").putObject("function");
            function.put("name", "f" + i).put("description", text());
            function.putObject("parameters")
                    .put("type", "object")
                    .putObject("properties")
                    .putObject("city")
                    .put("type", "string");
        }
        switch (random.nextInt(4)) {
            case 0 -> body.put("tool_choice", "none");
            case 1 -> body.put("tool_choice", "required");
            case 2 ->
                    body.putObject("tool_choice")
                            .put("type", "function")
                            .putObject("function")
                            .put("name", "f1");
            default -> {}
        }
    }

    private void options(ObjectNode body) {
        if (operation.equals(Operations.CHAT)) {
            body.put("stream", random.nextBoolean());
        }
        if (random.nextBoolean()) {
            body.put("max_tokens", 1 + random.nextInt(300));
        }
        if (random.nextBoolean()) {
            body.put("temperature", random.nextInt(11) / 10.0);
        }
        if (random.nextBoolean()) {
            body.put("top_p", random.nextInt(1, 11) / 10.0);
        }
        if (operation.equals(Operations.RESPONSES)) {
            return;
        }
        if (random.nextBoolean()) {
            body.putArray("stop").add("END").add(text());
        }
        if (random.nextBoolean() && dialect == Dialect.GEMINI) {
            body.put("seed", random.nextInt());
        }
        if (random.nextBoolean() && dialect == Dialect.ANTHROPIC) {
            body.put("user", "u-" + random.nextInt());
        }
    }

    private String text() {
        return any(TEXTS);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
