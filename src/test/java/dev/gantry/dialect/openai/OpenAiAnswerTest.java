package dev.gantry.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

class OpenAiAnswerTest {
    private static final String FULL =
            """
            {
              "id": "chatcmpl-9", "object": "chat.completion", "model": "gpt-5-mini-2025",
              "choices": [
                {"index": 0, "message": {"content": "é \\n }", "usage": 1}, "finish_reason": "length"},
                {"index": 1, "finish_reason": "stop"}
              ],
              "service_tier": "flex",
              "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 7, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 40, "audio_tokens": 3}}
            }
            """;

    @Test
    void readsEveryFact() {
        Answer answer = read(FULL);

        assertThat(answer.responseId()).isEqualTo("chatcmpl-9");
        assertThat(answer.modelServed()).isEqualTo("gpt-5-mini-2025");
        assertThat(answer.finishReason()).isEqualTo("length");
        assertThat(answer.serviceTier()).isEqualTo("flex");
        Usage usage = usage(FULL);
        assertThat(usage.input()).isEqualTo(100);
        assertThat(usage.cacheRead()).isEqualTo(60);
        assertThat(usage.cacheWrite()).isEqualTo(7);
        assertThat(usage.output()).isEqualTo(50);
        assertThat(usage.reasoning()).isEqualTo(40);
        assertThat(usage.counters()).isEqualTo(Map.of("audio_output_tokens", 3L));
        assertThat(usage.raw())
                .startsWith("{\"prompt_tokens\": 100,")
                .endsWith("\"audio_tokens\": 3}}");
    }

    @Test
    void standsOnOneLineAndIsOtherwiseByteForByte() {
        Answer answer = read(FULL.replace("\n", "\r\n"));

        assertThat(answer.body().isJson()).isTrue();
        assertThat(answer.body().text()).isEqualTo(FULL.replace("\n", "  "));
        assertThat(Objects.requireNonNull(answer.usage()).raw()).doesNotContain("\n", "\r");
    }

    @Test
    void countsTheNamesOfOtherDialects() {
        Usage responses =
                usage(
                        """
                        {"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},
                        "output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}}""");
        Usage anthropic =
                usage(
                        """
                        {"usage":{"input_tokens":10,"cache_read_input_tokens":100,
                        "cache_creation_input_tokens":1000,"output_tokens":5,
                        "server_tool_use":{"web_search_requests":2}}}""");

        assertThat(responses)
                .extracting(Usage::input, Usage::cacheRead, Usage::output, Usage::reasoning)
                .containsExactly(10L, 4L, 5L, 2L);
        assertThat(anthropic)
                .extracting(Usage::input, Usage::cacheRead, Usage::cacheWrite, Usage::output)
                .containsExactly(1110L, 100L, 1000L, 5L);
        assertThat(anthropic.counters()).isEqualTo(Map.of("web_search", 2L));
    }

    @Test
    void whatIsNotCountedIsUnknownExceptTheOutputOfEmbeddings() {
        String json = "{\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}";

        Usage chat = usage(json);
        Usage embedding =
                Objects.requireNonNull(
                        read(Operations.EMBEDDINGS, json.getBytes(StandardCharsets.UTF_8)).usage());

        assertThat(chat.output()).isNull();
        assertThat(chat.cacheRead()).isNull();
        assertThat(embedding.output()).isZero();
        assertThat(embedding.input()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"usage\":null}",
                "{\"usage\":[1]}",
                "{\"error\":{\"usage\":{\"prompt_tokens\":1}}}",
                "[{\"usage\":{}}]",
                "\"text\"",
                "12",
                "null",
                "{\"choices\":[]}",
                "{\"choices\":{}}",
                "{\"choices\":[[{\"finish_reason\":\"stop\"}],{\"finish_reason\":7}]}",
                "{\"id\":\"what you asked\",\"model\":\"said a model\",\"service_tier\":\"a b\"}",
                "{\"id\":{\"model\":\"m\"},\"model\":7,\"service_tier\":null}",
            })
    void isJsonWithoutFacts(String json) {
        Answer answer = read(json);

        assertThat(answer.body().isJson()).isTrue();
        assertThat(answer.body().text()).isEqualTo(json);
        assertThat(answer)
                .extracting(
                        Answer::responseId,
                        Answer::modelServed,
                        Answer::finishReason,
                        Answer::serviceTier,
                        Answer::usage)
                .containsOnlyNulls();
    }

    @Test
    void numbersThatAreNoCountsAreUnknown() {
        Usage usage =
                usage(
                        """
                        {"usage":{"prompt_tokens":-1,"completion_tokens":1.5,
                        "prompt_tokens_details":{"cached_tokens":99999999999999999999},
                        "completion_tokens_details":{"reasoning_tokens":"7 or so"}}}""");

        assertThat(usage)
                .extracting(Usage::input, Usage::output, Usage::cacheRead, Usage::reasoning)
                .containsOnlyNulls();
    }

    @Test
    void wholeFloatsAndDigitsAreCounts() {
        Usage usage =
                usage(
                        """
                        {"usage":{"prompt_tokens":120.0,"completion_tokens":"37",
                        "prompt_tokens_details":{"cached_tokens":"20.0"}}}""");

        assertThat(usage)
                .extracting(Usage::input, Usage::output, Usage::cacheRead)
                .containsExactly(120L, 37L, 20L);
    }

    @Test
    void aUsageThatHoldsWordsIsNotCarriedAsItCame() {
        Usage usage = usage("{\"usage\":{\"prompt_tokens\":1,\"note\":\"you asked me\"}}");

        assertThat(usage.input()).isEqualTo(1);
        assertThat(usage.raw()).isNull();
    }

    @Test
    void theUsageOfABodyThatBreaksIsRead() {
        Answer answer =
                read(
                        "{\"id\":\"c-1\",\"choices\":[{\"message\":{\"content\":\"a \\\"usage\\\":{}\"},oops}],"
                                + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10}}");

        assertThat(answer.body().isJson()).isFalse();
        assertThat(answer.responseId()).isEqualTo("c-1");
        assertThat(answer.usage()).isNotNull();
        assertThat(answer.usage().input()).isEqualTo(20);
        assertThat(answer.usage().output()).isEqualTo(10);
    }

    @Test
    void theGravestOfAllChoicesEndsIsTheAnswers() {
        Answer answer =
                read(
                        "{\"choices\":[{\"finish_reason\":\"stop\"},{\"finish_reason\":\"SAFETY\"},"
                                + "{\"finish_reason\":\"abort\"}]}");

        assertThat(answer.finishReason()).isEqualTo("SAFETY");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"status":"completed","output":[{}],"incomplete_details":null,"error":null}     | completed         | true
                    {"output":[{}],"incomplete_details":{"reason":"max_output_tokens"},"status":"incomplete"} | max_output_tokens | true
                    {"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]} | content_filter | true
                    {"status":"incomplete","incomplete_details":{"reason":["x"]},"output":[{}]}     | incomplete        | true
                    {"status":"failed","error":{"code":"server_error"},"output":[]}                 | failed            | false
                    {"status":"queued","incomplete_details":[],"output":[]}                         | queued            | true
                    {"object":"response"}                                                           |                   | false
                    """)
    void aResponseEndsByItsStatusAndWhatItLacks(String json, @Nullable String end, boolean good) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);

        var reading = OpenAiAnswer.reading(Operations.RESPONSES, 200, Map.of(), body);

        assertThat(reading.answer().finishReason()).isEqualTo(end);
        assertThat(reading.good()).isEqualTo(good);
        assertThat(read(json).finishReason()).as("of a chat").isNotEqualTo("completed");
    }

    @Test
    void aResponseThatIsStreamedAllTheSameIsItsLastEvents() {
        String events =
                """
                event: response.created
                data: {"type":"response.created","response":{"status":"in_progress","output":[]}}

                event: response.completed
                data: {"type":"response.completed","response":{"id":"r-1","status":"completed","output":[{}]}}

                """;

        Answer answer = read(Operations.RESPONSES, events.getBytes(StandardCharsets.UTF_8));

        assertThat(answer.body().text())
                .isEqualTo("{\"id\":\"r-1\",\"status\":\"completed\",\"output\":[{}]}");
        assertThat(answer.finishReason()).isEqualTo("completed");
        assertThat(answer.mended()).containsExactly("event_stream");
    }

    @Test
    void whatAProvidersOwnToolsHaveDoneIsCounted() {
        String json =
                """
                {"output":[{"type":"web_search_call","status":"completed"},{"type":"web_search_call"},
                {"type":"file_search_call"},{"type":"function_call"},7,{"type":"message","content":[{}]}],
                "usage":{"input_tokens":8,"output_tokens":2}}""";
        byte[] body = json.getBytes(StandardCharsets.UTF_8);

        Usage usage = read(Operations.RESPONSES, body).usage();

        assertThat(usage).isNotNull();
        assertThat(usage.counters()).isEqualTo(Map.of("web_search", 2L, "file_search", 1L));
        assertThat(usage.input()).isEqualTo(8);
    }

    @Test
    void anEndIsToldIfItIsListedOrLooksLikeOne() {
        assertThat(read("{\"choices\":[{\"finish_reason\":\"Content Filter\"}]}").finishReason())
                .isEqualTo("Content Filter");
        assertThat(read("{\"choices\":[{\"finish_reason\":\"odd_end\"}]}").finishReason())
                .isEqualTo("odd_end");
        assertThat(read("{\"choices\":[{\"finish_reason\":\"as you said\"}]}").finishReason())
                .isNull();
    }

    @Test
    void aRawUsageOver4KiBIsNotCarried() {
        Usage usage = usage("{\"usage\":{\"prompt_tokens\":1,\"x\":\"" + "y".repeat(4096) + "\"}}");

        assertThat(usage.input()).isOne();
        assertThat(usage.raw()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "<html>502</html>",
                "{\"id\":\"a\"",
                "{\"id\":\"a\"} {\"id\":\"b\"}",
                "{\"id\":\"a\"}x",
                "{'id':1}",
                "data: {\"id\":1}\n\n",
                "{\"a\":01}",
                "{\"a\":1,}",
            })
    void whatIsNotOneJsonValueIsOpaque(String text) {
        Answer answer = read(text);

        assertThat(answer.body().isJson()).isFalse();
        assertThat(answer.body().text()).isEqualTo(text);
    }

    @Test
    void otherEncodingsAreOpaque() {
        byte[] wide = "{\"a\":1}".getBytes(StandardCharsets.UTF_16BE);

        assertThat(read(Operations.CHAT, wide).body().isJson()).isFalse();
    }

    @Test
    void aByteOrderMarkIsTakenOff() {
        Answer answer = read("\ufeff{\"id\":\"a\"}");

        assertThat(answer.responseId()).isEqualTo("a");
        assertThat(answer.body().text()).isEqualTo("{\"id\":\"a\"}");
    }

    @Test
    void absurdDepthIsOpaque() {
        assertThat(read("[".repeat(100_000)).body().isJson()).isFalse();
        assertThat(read("[".repeat(5_000) + "]".repeat(5_000)).body().isJson()).isFalse();
        assertThat(read("{\"usage\":" + "{\"a\":".repeat(5_000)).body().isJson()).isFalse();
    }

    @Test
    void aNameWithoutEndIsNoName() {
        Answer answer = read("{\"id\":\"" + "a".repeat(100_000) + "\",\"model\":\"m\"}");

        assertThat(answer.responseId()).isNull();
        assertThat(answer.modelServed()).isEqualTo("m");
    }

    @Test
    void noBytesMakeItThrow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] full = FULL.getBytes(StandardCharsets.UTF_8);

        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = Arrays.copyOf(full, random.nextInt(full.length + 1));
            for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Answer answer = read(Operations.CHAT, bytes);

            assertThat(answer.status()).as("seed %d round %d", seed, round).isEqualTo(200);
        }
    }

    @Test
    void theFirstKnownHeaderNamesTheCall() {
        assertThat(requestId(Map.of("request-id", "b", "x-request-id", "a"))).isEqualTo("a");
        assertThat(requestId(Map.of("apim-request-id", "c"))).isEqualTo("c");
        assertThat(requestId(Map.of("x-amzn-requestid", "d", "x-request-id", " "))).isEqualTo("d");
        assertThat(requestId(Map.of())).isNull();
    }

    private static @Nullable String requestId(Map<String, String> headers) {
        return OpenAiAnswer.read(Operations.CHAT, 200, headers, new byte[0]).requestId();
    }

    @Test
    void reasoningThatOnlyTheTotalHoldsIsOutputToo() {
        Usage grok =
                usage(
                        """
                        {"usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,
                        "completion_tokens_details":{"reasoning_tokens":94},
                        "num_sources_used":3}}""");
        Usage gemini =
                usage(
                        """
                        {"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":40}}""");

        assertThat(grok.output()).isEqualTo(103);
        assertThat(grok.reasoning()).isEqualTo(94);
        assertThat(grok.counters()).isEqualTo(Map.of("search_sources", 3L));
        assertThat(gemini.input()).isEqualTo(10);
        assertThat(gemini.output()).isEqualTo(30);
    }

    @Test
    void cacheThatOnlyTheTotalHoldsIsInputToo() {
        Usage usage =
                usage(
                        """
                        {"usage":{"prompt_tokens":10,"cache_read_input_tokens":100,
                        "completion_tokens":5,"total_tokens":115}}""");

        assertThat(usage.input()).isEqualTo(110);
        assertThat(usage.output()).isEqualTo(5);
    }

    @Test
    void perplexityCountsReasoningAndCitationsBesideTheCompletion() {
        Usage usage =
                usage(
                        """
                        {"usage":{"prompt_tokens":33,"completion_tokens":7163,"total_tokens":7196,
                        "citation_tokens":20016,"num_search_queries":18,
                        "reasoning_tokens":96222}}""");

        assertThat(usage.output()).isEqualTo(7163 + 96222);
        assertThat(usage.reasoning()).isEqualTo(96222);
        assertThat(usage.counters())
                .isEqualTo(Map.of("citation_tokens", 20016L, "web_search", 18L));
    }

    @Test
    void anthropicTellsOfHourLongWritesSearchesAndItsTierInTheUsage() {
        String json =
                """
                {"usage":{"input_tokens":10,"cache_read_input_tokens":100,
                "cache_creation_input_tokens":50,"output_tokens":7,"service_tier":"priority",
                "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},
                "server_tool_use":{"web_search_requests":2}}}""";
        Usage usage = usage(json);

        assertThat(usage.input()).isEqualTo(160);
        assertThat(usage.cacheWrite()).isEqualTo(50);
        assertThat(usage.counters())
                .isEqualTo(Map.of("cache_write_1h_input_tokens", 30L, "web_search", 2L));
        assertThat(read(json).serviceTier()).isEqualTo("priority");
        assertThat(read("{\"service_tier\":\"flex\"," + json.substring(1)).serviceTier())
                .isEqualTo("flex");
    }

    private static Usage usage(String json) {
        return Objects.requireNonNull(read(json).usage());
    }

    private static Answer read(String json) {
        return read(Operations.CHAT, json.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer read(Operation operation, byte[] body) {
        return OpenAiAnswer.read(operation, 200, Map.of(), body);
    }
}
