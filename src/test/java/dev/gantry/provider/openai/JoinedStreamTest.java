package dev.gantry.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Map;

class JoinedStreamTest {
    private static final String TEXT =
            """
            : OPENROUTER PROCESSING

            data: {"id":"c-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}

            data: {"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":{"content":[{"token":"Hel","logprob":-0.10}]}}]}

            : still here

            data: {"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"lo"},"logprobs":{"content":[{"token":"lo","logprob":-0.20}]}}]}

            data: {"id":"c-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"id":"c-1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}}

            data: [DONE]

            """;

    @Test
    void deltasBecomeTheMessageTheyWereCutFrom() {
        assertThat(json(join(TEXT)))
                .isEqualTo(
                        tree(
                                """
                                {"id":"c-1","object":"chat.completion","created":7,"model":"m",
                                 "choices":[{"index":0,
                                   "message":{"role":"assistant","content":"Hello"},
                                   "logprobs":{"content":[{"token":"Hel","logprob":-0.10},
                                                          {"token":"lo","logprob":-0.20}]},
                                   "finish_reason":"stop"}],
                                 "usage":{"prompt_tokens":20,"completion_tokens":2,"total_tokens":22}}
                                """));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void anyLineEndWillDo(String end) {
        JoinedStream joined = join(TEXT.replace("\n", end));

        assertThat(joined.whole()).isTrue();
        assertThat(content(joined)).isEqualTo("Hello");
    }

    @Test
    void eventsWithoutBlankLinesBetweenThemAreTold() {
        assertThat(content(join(TEXT.replace("\n\n", "\n")))).isEqualTo("Hello");
    }

    @Test
    void choicesAreJoinedEachByItsIndex() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":1,"delta":{"content":"b"}}]}

                        data: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"B"}}]}

                        data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}

                        data: {"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}
                        """);

        assertThat(joined.whole()).isTrue();
        JsonNode choices = json(joined).path("choices");
        assertThat(choices.path(0).path("message").path("content").asString()).isEqualTo("a");
        assertThat(choices.path(1).path("message").path("content").asString()).isEqualTo("bB");
        assertThat(choices.path(0).path("finish_reason").asString()).isEqualTo("length");
    }

    @Test
    void toolCallsComeInPieces() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"look","arguments":""}}]}}]}

                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"q\\":"}}]}}]}

                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"look","arguments":"{}"}}]}}]}

                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}

                        data: [DONE]
                        """);

        assertThat(json(joined).path("choices").path(0).path("message").path("tool_calls"))
                .isEqualTo(
                        tree(
                                """
                                [{"id":"t1","type":"function",
                                  "function":{"name":"look","arguments":"{\\"q\\":1}"}},
                                 {"id":"t2","type":"function",
                                  "function":{"name":"look","arguments":"{}"}}]
                                """));
    }

    @Test
    void toolCallsWithoutAnIndexAreToldByTheirIds() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"t1","function":{"name":"a","arguments":"{}"}}]}}]}

                        data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"t2","function":{"name":"b","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}
                        """);

        assertThat(json(joined).path("choices").path(0).path("message").path("tool_calls"))
                .hasSize(2);
    }

    @Test
    void reasoningAndPartsOfContentAreJoinedToo() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"reasoning_content":"I th","content":[{"type":"thinking","thinking":"hm"}]}}]}

                        data: {"choices":[{"index":0,"delta":{"reasoning_content":"ink","content":"so"},"finish_reason":"stop"}]}
                        """);

        JsonNode message = json(joined).path("choices").path(0).path("message");
        assertThat(message.path("reasoning_content").asString()).isEqualTo("I think");
        assertThat(message.path("content"))
                .isEqualTo(
                        tree(
                                """
                                [{"type":"thinking","thinking":"hm"},{"type":"text","text":"so"}]
                                """));
    }

    @Test
    void theTextOfACompletionIsJoined() {
        JoinedStream joined =
                join(
                        """
                        data: {"object":"text_completion","choices":[{"index":0,"text":"ab","finish_reason":null}]}

                        data: {"object":"text_completion","choices":[{"index":0,"text":"c","finish_reason":"stop"}]}
                        """);

        assertThat(json(joined).path("choices").path(0).path("text").asString()).isEqualTo("abc");
        assertThat(json(joined).path("object").asString()).isEqualTo("text_completion");
    }

    @Test
    void anErrorAmongTheEventsIsTheAnswer() {
        JoinedStream joined =
                join(
                        TEXT.replace("data: [DONE]\n\n", "")
                                + """
                                data: {"id":"c-1","choices":[],"error":{"code":429,"message":"slow down"}}
                                """);

        assertThat(joined.whole()).isTrue();
        assertThat(json(joined).path("error").path("code").asInt()).isEqualTo(429);
        assertThat(json(joined).path("usage").path("prompt_tokens").asInt()).isEqualTo(20);
    }

    @Test
    void anEventCalledErrorIsAnError() {
        JoinedStream joined =
                join(
                        "event: error\ndata: {\"type\":\"overloaded_error\",\"message\":\"busy\"}\n\n");

        assertThat(json(joined).path("error").path("type").asString())
                .isEqualTo("overloaded_error");
    }

    @Test
    void aStreamThatEndsBeforeItsAnswerIsNotWhole() {
        int end =
                TEXT.indexOf(
                        "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{},");

        JoinedStream joined = join(TEXT.substring(0, end));

        assertThat(joined.whole()).isFalse();
        assertThat(content(joined)).isEqualTo("Hello");
    }

    /** Cut at every byte: never an exception, and whole only when the answer's end was seen. */
    @Test
    void aStreamMayBeCutAnywhere() {
        int finished = TEXT.indexOf("\"finish_reason\":\"stop\"}]}") + 26;
        for (int length = 0; length < TEXT.length(); length++) {
            byte[] cut = TEXT.substring(0, length).getBytes(StandardCharsets.UTF_8);

            JoinedStream joined = JoinedStream.of(EventStream.read(cut));

            boolean whole = joined != null && joined.whole();
            assertThat(whole).as("cut at %s", length).isEqualTo(length >= finished - 1);
        }
    }

    @Test
    void otherEventsAreNoAnswer() {
        assertThat(
                        JoinedStream.of(
                                EventStream.read(
                                        bytes("event: message_start\ndata: {\"type\":\"x\"}\n\n"))))
                .isNull();
        assertThat(JoinedStream.of(EventStream.read(bytes("data: hello\n\n")))).isNull();
        assertThat(JoinedStream.of(EventStream.read(bytes("")))).isNull();
    }

    @Test
    void aStreamIsKnownByItsTypeOrItsFirstLine() {
        Map<String, String> typed = Map.of("content-type", "Text/Event-Stream; charset=utf-8");

        assertThat(EventStream.is(typed, bytes(""))).isTrue();
        assertThat(EventStream.is(Map.of(), bytes("\n: ping\n\ndata: {}"))).isTrue();
        assertThat(EventStream.is(Map.of(), bytes("data: {}"))).isTrue();
        assertThat(EventStream.is(typed, bytes(" {\"choices\":[]}"))).isFalse();
        assertThat(EventStream.is(Map.of(), bytes("{\"data:\":1}"))).isFalse();
    }

    private static JoinedStream join(String text) {
        JoinedStream joined = JoinedStream.of(EventStream.read(bytes(text)));
        assertThat(joined).isNotNull();
        return present(joined);
    }

    private static JoinedStream present(@Nullable JoinedStream joined) {
        if (joined == null) {
            throw new AssertionError("no answer");
        }
        return joined;
    }

    private static String content(JoinedStream joined) {
        return json(joined).path("choices").path(0).path("message").path("content").asString();
    }

    private static JsonNode json(JoinedStream joined) {
        return JsonMapper.shared().readTree(joined.json());
    }

    private static JsonNode tree(String json) {
        return JsonMapper.shared().readTree(json);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
