package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import static java.util.stream.Collectors.joining;

import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

class GoodAnswersTest {
    private final SimulatedProvider provider;
    @AutoClose private final ApiClient client;

    GoodAnswersTest() throws IOException {
        provider =
                SimulatedProvider.start(
                        Script.of(Behaviour.FAULTLESS)
                                .model(
                                        "gpt-5",
                                        Behaviour.FAULTLESS.with(
                                                new AnswerShape(120, 0.5, 0.25, "-2025-08-07"))));
        client = new ApiClient(provider);
    }

    @Test
    void answersAChatLikeTheOpenAiApi() throws Exception {
        HttpResponse<String> response = client.ask("gpt-5");

        JsonNode body = ApiClient.json(response);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.headers().firstValue("x-request-id").orElse("")).startsWith("req_");
        assertThat(body.at("/id").stringValue()).startsWith("chatcmpl-");
        assertThat(body.at("/object").stringValue()).isEqualTo("chat.completion");
        assertThat(body.at("/model").stringValue()).isEqualTo("gpt-5-2025-08-07");
        assertThat(body.at("/choices/0/message/role").stringValue()).isEqualTo("assistant");
        assertThat(body.at("/choices/0/message/content").stringValue()).contains(". ");
        assertThat(body.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
    }

    @Test
    void answersAResponseLikeTheOpenAiApi() throws Exception {
        String asked = "{\"model\":\"gpt-5\",\"input\":\"Hi\",\"max_output_tokens\":%d}";
        JsonNode body = ApiClient.json(client.post("/v1/responses", asked.formatted(500)));
        JsonNode cut = ApiClient.json(client.post("/v1/responses", asked.formatted(8)));

        List<String> events =
                ApiClient.events(
                                client.post(
                                        "/v1/responses",
                                        asked.formatted(500).replace("}", ",\"stream\":true}")))
                        .toList();
        assertThat(body.at("/object").stringValue()).isEqualTo("response");
        List<JsonNode> told = events.stream().map(JsonMapper.shared()::readTree).toList();
        assertThat(told)
                .extracting(each -> each.at("/sequence_number").asInt(-1))
                .containsExactlyElementsOf(IntStream.range(0, told.size()).boxed().toList());
        assertThat(told.stream().map(each -> each.at("/type").stringValue()).distinct())
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.output_item.done", // of the thoughts
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.completed");
        JsonNode begun = told.getFirst().at("/response");
        JsonNode ended = told.getLast().at("/response");
        assertThat(begun.at("/status").stringValue()).isEqualTo("in_progress");
        assertThat(begun.at("/output").isEmpty()).isTrue();
        assertThat(begun.at("/id")).isEqualTo(ended.at("/id"));
        assertThat(told.get(told.size() - 2).at("/item")).isEqualTo(ended.at("/output/1"));
        assertThat(told.stream().map(each -> each.at("/delta").asString("")).collect(joining()))
                .isEqualTo(ended.at("/output/1/content/0/text").stringValue());
        assertThat(ended.at("/usage").isObject()).isTrue();
        assertThat(body.at("/status").stringValue()).isEqualTo("completed");
        assertThat(body.at("/output/0/type").stringValue()).isEqualTo("reasoning");
        assertThat(body.at("/output/1/content/0/text").stringValue()).contains(". ");
        assertThat(body.at("/usage/output_tokens").longValue()).isEqualTo(120);
        assertThat(body.at("/usage/output_tokens_details/reasoning_tokens").longValue())
                .isEqualTo(30);
        assertThat(cut.at("/incomplete_details/reason").stringValue())
                .isEqualTo("max_output_tokens");
        assertThat(provider.ledger().totals().tokens().output()).isEqualTo(120 + 8 + 120);
    }

    @Test
    void billsWhatItsUsageSays() throws Exception {
        HttpResponse<String> response = client.ask("gpt-5", "X-Client-Request-Id", "run~1");

        JsonNode usage = ApiClient.json(response).get("usage");
        long prompt = ApiClient.chat("gpt-5").length() / 4;
        assertThat(usage.at("/prompt_tokens").longValue()).isEqualTo(prompt);
        assertThat(usage.at("/completion_tokens").longValue()).isEqualTo(120);
        assertThat(usage.at("/total_tokens").longValue()).isEqualTo(prompt + 120);
        assertThat(usage.at("/prompt_tokens_details/cached_tokens").longValue())
                .isEqualTo(prompt / 2);
        assertThat(usage.at("/completion_tokens_details/reasoning_tokens").longValue())
                .isEqualTo(30);
        Call call = provider.ledger().calls("run~1").getFirst();
        assertThat(call.tokens()).isEqualTo(new BilledTokens(prompt, prompt / 2, 120, 30));
        assertThat(call.billed()).isTrue();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.ANSWERED);
    }

    @Test
    void givesTheSameRequestTheSameTextAndAnotherRequestAnother() throws Exception {
        String first = content(client.ask("any"));
        String again = content(client.ask("any"));
        String other = content(client.ask("other"));

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    private static String content(HttpResponse<String> response) {
        return ApiClient.json(response).at("/choices/0/message/content").stringValue();
    }

    @Test
    void staysWithinTheTokenLimitOfTheRequest() throws Exception {
        for (String member : List.of("max_tokens", "max_completion_tokens")) {
            String body = ApiClient.chat("any").replace("}]}", "}],\"" + member + "\":7}");

            JsonNode answer = ApiClient.json(client.post("/v1/chat/completions", body));

            assertThat(answer.at("/usage/completion_tokens").longValue()).isEqualTo(7);
            assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
            assertThat(answer.at("/choices/0/message/content").stringValue().length())
                    .isLessThanOrEqualTo(28);
        }
    }

    @Test
    void goesOnWithEachPromptAsOftenAsAsked() throws Exception {
        String body = "{\"model\":\"gpt-5\",\"prompt\":[\"a\",\"b\"],\"n\":2,\"max_tokens\":7}";

        JsonNode answer = ApiClient.json(client.post("/v1/completions", body));

        assertThat(answer.at("/object").stringValue()).isEqualTo("text_completion");
        assertThat(answer.at("/choices").findValuesAsString("text"))
                .hasSize(4)
                .doesNotHaveDuplicates();
        assertThat(answer.at("/choices/3/index").intValue()).isEqualTo(3);
        assertThat(answer.at("/choices/3/finish_reason").stringValue()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").longValue()).isEqualTo(28);
        assertThat(provider.ledger().totals().tokens().output()).isEqualTo(28);
    }

    @Test
    void judgesEachInputAndBillsNothingForIt() throws Exception {
        String texts = "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}";
        String parts =
                "{\"model\":\"m\",\"input\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"image_url\"}]}";

        JsonNode two = ApiClient.json(client.post("/v1/moderations", texts));
        JsonNode one = ApiClient.json(client.post("/v1/moderations", parts));

        assertThat(two.at("/results").size()).isEqualTo(2);
        assertThat(two.at("/results/1/category_scores/violence").doubleValue())
                .isBetween(0.0, 0.01);
        assertThat(one.at("/results").size()).isOne();
        assertThat(one.has("usage")).isFalse();
        assertThat(provider.ledger().totals().tokens()).isEqualTo(BilledTokens.NONE);
        assertThat(provider.ledger().totals().billed()).isZero();
    }

    @Test
    void streamsTheSameTextInPiecesAndTheUsageLast() throws Exception {
        String body = ApiClient.stream("gpt-5");
        HttpResponse<String> response = client.post("/v1/chat/completions", body);

        List<String> events = ApiClient.events(response).toList();
        assertThat(response.headers().firstValue("content-type").orElse(""))
                .startsWith("text/event-stream");
        assertThat(events).hasSizeGreaterThan(5).last().isEqualTo("[DONE]");
        JsonNode usage = JsonMapper.shared().readTree(events.get(events.size() - 2));
        assertThat(usage.at("/usage/completion_tokens").longValue()).isEqualTo(120);
        assertThat(usage.at("/choices").isEmpty()).isTrue();
        assertThat(text(events)).hasSizeGreaterThan(300);
        assertThat(provider.ledger().totals().tokens().output()).isEqualTo(120);
    }

    private static String text(List<String> events) {
        StringBuilder text = new StringBuilder();
        for (String event : events.subList(0, events.size() - 1)) {
            JsonNode json = JsonMapper.shared().readTree(event);
            assertThat(json.at("/object").stringValue()).isEqualTo("chat.completion.chunk");
            text.append(json.at("/choices/0/delta/content").asString(""));
        }
        return text.toString();
    }

    @Test
    void leavesTheUsageOutOfAStreamThatDidNotAskForIt() throws Exception {
        String body = ApiClient.chat("gpt-5").replace("}]}", "}],\"stream\":true}");
        HttpResponse<String> response = client.post("/v1/chat/completions", body);

        assertThat(response.body()).contains("[DONE]").doesNotContain("usage");
    }

    @Test
    void spreadsAStreamOverItsLatency() throws Exception {
        provider.script(Script.of(Behaviour.taking(new Latency.Fixed(Duration.ofMillis(600)))));

        // Again if this thread was held up until the whole stream was there.
        Await.until("events come one after the other", () -> fromFirstToLast() > 300_000_000);
    }

    /** Nanoseconds; the call itself takes its time. */
    private long fromFirstToLast() throws IOException {
        long started = System.nanoTime();
        try (var line = new BareLine(provider)) {
            line.send(BareLine.post(ApiClient.stream("any")));
            line.until("data: ");
            long first = System.nanoTime();
            line.until("[DONE]");
            long last = System.nanoTime();

            assertThat(Duration.ofNanos(last - started))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(590));
            return last - first;
        }
    }

    @Test
    void embedsEachInputAsAVectorOfLengthOne() throws Exception {
        String body = "{\"model\":\"embed\",\"input\":[\"one\",\"two\"],\"dimensions\":16}";
        JsonNode answer = ApiClient.json(client.post("/v1/embeddings", body));

        assertThat(answer.get("data").size()).isEqualTo(2);
        double length = 0;
        for (JsonNode value : answer.at("/data/1/embedding")) {
            length += value.doubleValue() * value.doubleValue();
        }
        assertThat(answer.at("/data/1/embedding").size()).isEqualTo(16);
        assertThat(length).isEqualTo(1, offset(1e-5));
        assertThat(answer.at("/usage/prompt_tokens").longValue()).isEqualTo(body.length() / 4);
        assertThat(provider.ledger().totals().tokens().output()).isZero();
    }

    @Test
    void embedsInBase64WhenAsked() throws Exception {
        String floats = "{\"model\":\"embed\",\"input\":\"one\"}";
        JsonNode plain = ApiClient.json(client.post("/v1/embeddings", floats));
        String base64 = "{\"model\":\"embed\",\"input\":\"one\",\"encoding_format\":\"base64\"}";
        JsonNode coded = ApiClient.json(client.post("/v1/embeddings", base64));

        byte[] bytes = Base64.getDecoder().decode(coded.at("/data/0/embedding").stringValue());
        assertThat(plain.at("/data/0/embedding").size()).isEqualTo(bytes.length / 4);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat())
                .isBetween(-1f, 1f);
    }

    @Test
    void listsTheModelsOfItsScript() throws Exception {
        JsonNode list = ApiClient.json(client.get("/v1/models"));
        HttpResponse<String> one = client.get("/v1/models/gpt-5");
        HttpResponse<String> none = client.get("/v1/models/gpt-none");

        assertThat(list.at("/data/0/id").stringValue()).isEqualTo("gpt-5");
        assertThat(ApiClient.json(one).get("object").stringValue()).isEqualTo("model");
        assertThat(none.statusCode()).isEqualTo(404);
    }

    @Test
    void keepsAConnectionForManyCalls() throws Exception {
        try (var line = new BareLine(provider)) {
            for (int i = 0; i < 50; i++) {
                line.ask("any");

                assertThat(line.answer()).startsWith("HTTP/1.1 200 OK");
            }
        }
    }

    @Test
    void understandsAChunkedBodyAndExpectContinue() throws Exception {
        String body = ApiClient.chat("any");
        try (var line = new BareLine(provider)) {
            line.send(
                    """
                    POST /v1/chat/completions?x=1 HTTP/1.1\r
                    Transfer-Encoding: chunked\r
                    Expect: 100-continue\r
                    \r
                    """);
            line.until("100 Continue\r\n\r\n");
            line.send("%x\r\n%s\r\n".formatted(10, body.substring(0, 10)));
            line.send("%x;a=b\r\n%s\r\n".formatted(body.length() - 10, body.substring(10)));
            line.send("0\r\n\r\n");
            String first = line.answer();
            line.ask("any");
            String second = line.answer();

            assertThat(first).startsWith("HTTP/1.1 200");
            assertThat(second).startsWith("HTTP/1.1 200");
        }
    }
}
