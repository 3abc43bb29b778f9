package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.WireFormat;
import dev.gantry.dialect.anthropic.MessagesFormat;
import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Change;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;
import dev.gantry.provider.ProviderReply;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What providers say against a member, and what is made of it. In the table: {@code -temperature}
 * is left out, {@code a>b} renamed, {@code a=9} clamped; {@code once}: not learnt; {@code foreign}:
 * another provider may take it; {@code nothing}: it stays a bad request.
 */
class ObjectionReaderTest {
    private static final String OPTIONS =
            "\"temperature\":0.2,\"top_p\":0.9,\"top_k\":5,\"max_tokens\":100000,"
                    + "\"frequency_penalty\":0.1,\"presence_penalty\":0.1,\"seed\":7,\"user\":\"jo\","
                    + "\"store\":false,\"logit_bias\":{\"1\":2},\"tools\":[],\"stop\":[\"x\"],\"n\":2,"
                    + "\"response_format\":{\"type\":\"json_object\"},\"parallel_tool_calls\":true,"
                    + "\"reasoning_effort\":\"high\",\"metadata\":{\"a\":\"b\"},\"min_p\":null";

    private static final Pattern MODEL = Pattern.compile("(?:claude|gpt|grok)-[\\w.-]*\\w");

    @ParameterizedTest(name = "{2}: {3}")
    @CsvFileSource(
            resources = "refused-members.psv",
            delimiter = '|',
            quoteCharacter = '~',
            maxCharsPerColumn = 4096)
    void readsWhatIsRefusedAndWhatHelps(int status, String expected, String house, String body) {
        assertThat(read(status, body, "How far is it?", "m")).as(house).isEqualTo(expected);
        MODEL.matcher(body)
                .results()
                .map(MatchResult::group)
                .forEach(
                        model ->
                                assertThat(read(status, body, "How far is it?", model))
                                        .as("%s, asked for %s", house, model)
                                        .isEqualTo(expected));
    }

    /** What a dialect makes of a refusal says less than the refusal did. */
    @ParameterizedTest(name = "{2}: {3}")
    @CsvFileSource(
            resources = "refused-members.psv",
            delimiter = '|',
            quoteCharacter = '~',
            maxCharsPerColumn = 4096)
    void readsTheSameBehindATranslation(int status, String expected, String house, String body) {
        for (WireFormat format : List.of(new MessagesFormat(), new GeminiFormat())) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            Answer answer = format.answer(Operations.CHAT, status, Map.of(), bytes).answer();

            assertThat(read(new ProviderReply.Answered(answer, Map.of()), "How far is it?", "m"))
                    .as("%s by %s", house, format)
                    .isEqualTo(expected);
        }
    }

    /**
     * A request of some megabytes is not searched for words of an error that objects to nothing.
     */
    @Test
    void readsNoRequestForAnErrorThatObjectsToNothing() {
        RequestBody request = request("word ".repeat(1_000_000), "m");
        Payload body = Payload.json("{\"error\":{}}".getBytes(StandardCharsets.UTF_8));
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        ObjectionReader.read(body, "messages: field required", request("a word", "m")); // loads it
        long before = threads.getCurrentThreadAllocatedBytes();

        Objection read = ObjectionReader.read(body, "messages: field required", request);

        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(read).isNull();
        assertThat(allocated).isLessThan(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Unsupported parameter: 'temperature' is not supported with this model.",
                "Extra inputs are not permitted, temperature: extra inputs are not permitted",
                "max_tokens is too large: 200000. This model supports at most 5 completion tokens",
                "{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not"
                        + " permitted'}",
                "Unrecognized request argument supplied: seed"
            })
    void doesNothingForAPromptThatSaysTheSame(String prompt) {
        String echo = "Invalid input: " + prompt.replace("\"", "\\\"");

        assertThat(read(400, "{\"error\":{\"message\":\"" + echo + "\"}}", prompt))
                .isEqualTo("nothing");
        assertThat(read(422, echo, prompt)).isEqualTo("nothing");
    }

    @Test
    void doesNothingForAPromptThatHoldsAWholeError() {
        String prompt =
                "{'error': {'param': 'temperature', 'code': 'unsupported_parameter', 'message':"
                        + " 'no'}}";

        assertThat(read(400, "{\"error\":{\"message\":\"cannot use " + prompt + "\"}}", prompt))
                .isEqualTo("nothing");
    }

    @Test
    void believesTheErrorsOwnMembersWhateverThePromptSays() {
        String words = "Unsupported parameter: 'temperature' is not supported with this model.";

        String read =
                read(
                        400,
                        "{\"error\":{\"message\":\"%s\",\"param\":\"temperature\",\"code\":\"unsupported_parameter\"}}"
                                .formatted(words),
                        words);

        assertThat(read).isEqualTo("-temperature");
    }

    @Test
    void isQuickWithTextMadeToBeSlow() {
        String names = "unsupported parameter: " + "temperature, ".repeat(300);
        String marks = "does not support '\"`''".repeat(200) + "top_p: ".repeat(300);
        long began = System.nanoTime();

        for (int i = 0; i < 50; i++) {
            read(400, "{\"error\":{\"message\":\"" + names + "\"}}", "x");
            read(400, marks, "x");
        }

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    private static String read(int status, String body, String prompt) {
        return read(status, body, prompt, "m");
    }

    private static String read(int status, String body, String prompt, String model) {
        return read(Answers.answer(status, body, Map.of()), prompt, model);
    }

    private static String read(ProviderReply reply, String prompt, String model) {
        Classification read =
                Answers.classify(
                                reply,
                                "generic",
                                MeteringSamples.request(
                                        MeteringSamples.options(Sensitivity.NONE),
                                        request(prompt, model)))
                        .orElseThrow();
        return shown(read.objection());
    }

    private static String shown(@Nullable Objection objection) {
        return switch (objection) {
            case null -> "nothing";
            case Objection.Foreign _ -> "foreign";
            case Objection.Mendable(var changes, var extent) ->
                    changes.stream()
                                    .map(ObjectionReaderTest::shown)
                                    .collect(Collectors.joining(" "))
                            + (extent == Objection.Extent.ALL ? "" : " once");
        };
    }

    private static String shown(Change change) {
        return switch (change) {
            case Change.Dropped(String member) -> "-" + member;
            case Change.Renamed(String member, String to) -> member + ">" + to;
            case Change.Clamped(String member, long limit) -> member + "=" + limit;
        };
    }

    private static RequestBody request(String prompt, String model) {
        String content = prompt.replace("\\", "\\\\").replace("\"", "\\\"");
        RequestBody body =
                Calls.body(
                        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],%s}"
                                .formatted(model, content, OPTIONS));
        return new RequestBody(
                body.bytes(),
                body.start(),
                body.end(),
                body.members(),
                new RequestBody.Facts("m", Set.of(), 10, false, 100_000L, 1, null));
    }
}
