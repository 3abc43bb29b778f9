package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.Random;

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

            JoinedStream joined = JoinedStream.of(cut);

            boolean whole = joined != null && joined.whole();
            assertThat(whole).as("cut at %s", length).isEqualTo(length >= finished - 1);
        }
    }

    @Test
    void otherEventsAreNoAnswer() {
        assertThat(JoinedStream.of(bytes("event: message_start\ndata: {\"type\":\"x\"}\n\n")))
                .isNull();
        assertThat(JoinedStream.of(bytes("data: hello\n\n"))).isNull();
        assertThat(JoinedStream.of(bytes(""))).isNull();
    }

    @Test
    void usageInAMemberOfTheGatewaysOwnCounts() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"content":"a"}}],"x_groq":{"id":"req_1"}}

                        data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"prompt_tokens":3,"completion_tokens":1}}}
                        """);

        assertThat(json(joined).path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void aMessageBesideItsDeltasIsTheTextSoFarAndNotMoreOfIt() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"content":"Hel"},"message":{"role":"assistant","content":"Hel"}}]}

                        data: {"choices":[{"index":0,"delta":{"content":"lo"},"message":{"role":"assistant","content":"Hello"}}]}

                        data: {"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hello"}}]}
                        """);

        assertThat(content(joined)).isEqualTo("Hello");
    }

    @Test
    void messagesWithoutDeltasReplaceEachOther() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"message":{"content":"Hel"}}]}

                        data: {"choices":[{"index":0,"message":{"content":"Hello"},"finish_reason":"stop"}]}
                        """);

        assertThat(content(joined)).isEqualTo("Hello");
    }

    @Test
    void anEmptyFinishReasonIsNone() {
        String half =
                "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"\"}]}\n\n";

        assertThat(join(half).whole()).isFalse();
        assertThat(json(join(half + "data: [DONE]")).at("/choices/0/finish_reason").isNull())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event: ping\ndata: ping\n\n",
                "data: null\n\n",
                "data: []\n\n",
                "data: 1764172800\n\n",
                "data: {\"type\":\"ping\"}\n\n",
                "data:\n\n",
                "id: 7\nretry: 3000\n\n"
            })
    void whatIsNoPieceOfTheAnswerIsPassedOver(String between) {
        String end = "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[],";

        JoinedStream joined = join(TEXT.replace(end, between + end));

        assertThat(joined.whole()).isTrue();
        assertThat(json(joined)).isEqualTo(json(join(TEXT)));
    }

    @Test
    void aPieceThatCannotBeReadLeavesAGap() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[{"index":0,"delta":{"content":"a"}}]}

                        data: {"choices":[{"index":0,"delta":{"content

                        data: {"choices":[{"index":0,"delta":{"content":"c"},"finish_reason":"stop"}]}

                        data: [DONE]
                        """);

        assertThat(joined.whole()).isFalse();
    }

    @Test
    void anEventMayStandOnSeveralLines() {
        JoinedStream joined =
                join(
                        """
                        data: {"choices":[
                        data:   {"index":0,
                        data:    "delta":{"content":"a}{"}
                        data:   }],
                        data:  "usage":{"prompt_tokens":1,"completion_tokens":1}
                        data: }

                        data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
                        """);

        assertThat(joined.whole()).isTrue();
        assertThat(content(joined)).isEqualTo("a}{");
    }

    /** Work grows with the size, not with its square: a million lines of one event end in time. */
    @Test
    @Timeout(120)
    void longEventsAndManyDeltasAreReadInOnePass() {
        assertThat(JoinedStream.of(bytes("data: a\n".repeat(1_000_000)))).isNull();
        String delta = "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n";
        JoinedStream joined = join(delta.repeat(100_000) + "data: [DONE]\n\n");
        assertThat(content(joined)).hasSize(1_000_000);
    }

    /** Whatever a server sends, joining it never throws. */
    @Test
    void mutatedStreamsNeverThrow() {
        long seed = Long.getLong("stream.seed", System.nanoTime());
        Random random = new Random(seed);
        String[] pieces = {
            "{", "}", "[", "]", "null", "1", "\"x\"", "tool_calls", "message", "delta", ":", ","
        };
        for (int round = 0; round < 3_000; round++) {
            StringBuilder text = new StringBuilder(TEXT);
            for (int i = 0; i < 4; i++) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(12));
                text.replace(at, end, pieces[random.nextInt(pieces.length)]);
            }

            assertThatCode(() -> JoinedStream.of(bytes(text.toString())))
                    .as("seed %s, round %s", seed, round)
                    .doesNotThrowAnyException();
        }
    }

    private static JoinedStream join(String text) {
        JoinedStream joined = JoinedStream.of(bytes(text));
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
