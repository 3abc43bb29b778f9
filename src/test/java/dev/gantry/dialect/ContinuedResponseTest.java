package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.operation.Operations;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A conversation goes on with what a response held: the chat knows its own message again. */
class ContinuedResponseTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'content':'42'}",
                "{'refusal':'No.'}",
                "{'content':'Look.','tool_calls':[{'id':'c1','type':'function','function':"
                        + "{'name':'f','arguments':'{}'}},{'id':'c2','type':'function','function':"
                        + "{'name':'g','arguments':'[1]'},'extra_content':{'google':{}}}]}",
                "{'tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':''}}],"
                        + "'thinking_blocks':[{'type':'thinking','signature':'s'}]}",
                "{'content':'42','thinking_blocks':[{'type':'redacted_thinking'}]}"
            })
    void whatWasAnsweredIsSaidAgainAsItWas(String message) {
        ObjectNode said = (ObjectNode) JSON.readTree(message.replace('\'', '"'));
        ObjectNode body = JSON.createObjectNode();
        ArrayNode input = body.putArray("input");
        input.addObject().put("role", "user").put("content", "Hi");

        input.addAll((ArrayNode) response(said).get("output"));
        input.addObject().put("role", "user").put("content", "Go on");
        JsonNode messages = sent(body).get("messages");

        assertThat(messages).hasSize(3);
        ObjectNode again = (ObjectNode) messages.get(1);
        for (String each : List.of("content", "tool_calls", "thinking_blocks")) {
            assertThat((Object) again.get(each))
                    .as(each)
                    .isEqualTo(each.equals("content") ? content(said) : said.get(each));
        }
    }

    /** A refusal has a part of its own. */
    private static JsonNode content(ObjectNode said) {
        return said.has("refusal")
                ? JSON.readTree("[{\"type\":\"refusal\",\"refusal\":\"No.\"}]")
                : said.get("content");
    }

    private static JsonNode response(ObjectNode message) {
        ObjectNode chat = JSON.createObjectNode();
        chat.putArray("choices").addObject().put("finish_reason", "stop").set("message", message);
        InferenceRequest request = Chats.request(Operations.RESPONSES, "{\"input\":\"Hi\"}");
        byte[] bytes = chat.toString().getBytes(StandardCharsets.UTF_8);
        return JSON.readTree(
                Chats.format(request, Chats.dispatch(request, Dialect.OPENAI, "m"), Dialect.OPENAI)
                        .answer(Operations.CHAT, 200, Map.of(), bytes)
                        .answer()
                        .body()
                        .bytes());
    }

    private static JsonNode sent(ObjectNode body) {
        InferenceRequest request = Chats.request(Operations.RESPONSES, body.toString());
        var dispatch = Chats.dispatch(request, Dialect.OPENAI, "m");
        return Chats.sent(
                Chats.format(request, dispatch, Dialect.OPENAI).request(request, dispatch));
    }
}
