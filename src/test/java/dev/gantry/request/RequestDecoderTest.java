package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Capability;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;
import dev.gantry.intake.IntakeSettings;
import dev.gantry.operation.Operations;
import dev.gantry.testbed.Settings;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

public class RequestDecoderTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant SENT = Instant.parse("2026-11-21T11:59:58Z");
    private static final RequestDecoder DECODER =
            new RequestDecoder(settings().requestLimits(), () -> NOW);

    static LongStream seeds() {
        return new Random().longs(200);
    }

    @Test
    void aPlainBatchLineIsARequest() {
        InferenceRequest request =
                valid(
                        """
                        {"custom_id": "job-17", "method": "POST", "url": "/v1/chat/completions",
                         "body": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello there"}]}}
                        """);

        assertThat(request.id().value()).isEqualTo("job-17");
        assertThat(request.operation()).isEqualTo(Operations.CHAT);
        assertThat(request.body().facts().model()).isEqualTo("gpt-5-mini");
        assertThat(request.deadline().at()).isEqualTo(SENT.plus(Duration.ofHours(24)));
        assertThat(request.execution()).matches("[a-z2-7]{26}");
        assertThat(request.source().toString()).isEqualTo("requests-3@42");
    }

    @Test
    void theGantryMemberIsRead() {
        InferenceRequest request =
                valid(
                        """
                        {"custom_id": "a", "body": {"model": "m"}, "gantry": {
                          "batch_id": "nightly", "conversation_id": "c-9", "session_id": "s-4",
                          "caller": {"identity": "user:jo"}, "billing": {"customer": "acme"}, "tags": {"job": "x"},
                          "priority": "normal", "deadline": "2026-11-21T13:00:00+01:00",
                          "classification": {"level": "Restricted", "contains_pii": false, "contains_phi": false},
                          "hint": {"tier": "local"}, "prefer": {"provider": null, "instance": "main", "tier": null},
                          "routing": {"provider": "openai", "instance": null, "model": null, "tier": "frontier",
                                      "policy": null, "fallback_models": ["b", "c"], "escalate": true},
                          "intent": {"capabilities": ["function-calling"], "effort": "moderate", "privacy": "normal",
                                     "cost": "normal"},
                          "budget": null}}
                        """);

        assertThat(request.id().value()).isEqualTo("nightly/a");
        assertThat(request.subject()).isEqualTo("acme");
        assertThat(request.deadline().at()).isEqualTo(Instant.parse("2026-11-21T12:00:00Z"));
        assertThat(request.options().sensitivity().forcesLocal()).isTrue();
        assertThat(request.options().constraints().fallbackModels()).containsExactly("b", "c");
        assertThat(request.options().constraints().provider()).isEqualTo("openai");
        assertThat(request.options().intent().capabilities()).containsExactly(Capability.TOOLS);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    '{}'                                                      |
                    '{"per_call_usd": null, "on_exceed": "warn"}'             |
                    '{"per_call_usd": "0", "session_usd": "2.00"}'            | per_call_usd 0 ABORT, session_usd 2.00 ABORT
                    '{"session_usd": "0.05", "on_exceed": ""}'                | session_usd 0.05 ABORT
                    '{"session_usd": "0.05", "on_exceed": "Skip"}'            | session_usd 0.05 SKIP
                    '{"session_usd": "0.05", "on_exceed": "downgrade"}'       | session_usd 0.05 SKIP
                    '{"per_call_usd": 0.10, "session_usd": 2}'                | per_call_usd 0.10 ABORT, session_usd 2 ABORT
                    '{"per_call_usd": "0.000000000000000001", "on_exceed": "warn"}' | per_call_usd 0.000000000000000001 WARN
                    """,
            delimiter = '|')
    void capsAreReadExactlyAndAbsentIsNone(String budget, @Nullable String caps) {
        InferenceRequest request =
                valid("{\"custom_id\":\"a\",\"body\":{},\"gantry\":{\"budget\":" + budget + "}}");

        assertThat(
                        request.options().caps().all().stream()
                                .map(
                                        cap ->
                                                cap.scope().label()
                                                        + " "
                                                        + cap.limit().toPlainString()
                                                        + " "
                                                        + cap.onExceed())
                                .collect(Collectors.joining(", ")))
                .isEqualTo(caps == null ? "" : caps);
    }

    @Test
    void theBatchIdHeaderNamesTheBatchUnlessTheMemberDoes() {
        ConsumerRecord<byte[], byte[]> plain = record("{\"custom_id\":\"a\",\"body\":{}}");
        plain.headers().add("gantry-batch-id", "header".getBytes(StandardCharsets.UTF_8));
        ConsumerRecord<byte[], byte[]> both =
                record("{\"custom_id\":\"a\",\"body\":{},\"gantry\":{\"batch_id\":\"member\"}}");
        both.headers().add("gantry-batch-id", "header".getBytes(StandardCharsets.UTF_8));

        assertThat(valid(plain).id().value()).isEqualTo("header/a");
        assertThat(valid(both).id().value()).isEqualTo("member/a");
    }

    @Test
    void needsAreReadFromTheBody() {
        RequestBody.Facts facts =
                valid(
                                """
                                {"custom_id": "a", "body": {"model": "m", "stream": true, "n": 2, "max_tokens": 7,
                                  "max_completion_tokens": 9, "reasoning_effort": "low", "service_tier": "flex",
                                  "tools": [{"type": "function", "function": {"name": "f"}}],
                                  "messages": [{"role": "system", "content": "abcd"}, {"role": "user", "content": [
                                     {"type": "text", "text": "efgh"},
                                     {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]}}
                                """)
                        .body()
                        .facts();

        assertThat(facts.needs())
                .containsExactlyInAnyOrder(
                        Capability.STREAMING,
                        Capability.TOOLS,
                        Capability.THINKING,
                        Capability.VISION);
        assertThat(facts.requestedOutputTokens()).isEqualTo(9);
        assertThat(facts.choices()).isEqualTo(2);
        assertThat(facts.serviceTier()).isEqualTo("flex");
        // 8 characters of text, two messages, the tools as they are written.
        assertThat(facts.estimatedInputTokens()).isEqualTo(2 + 8 + 14);
    }

    /** A map of the caller's language may write it behind the body. */
    @Test
    void anOperationThatStandsBehindTheBodyIsTheBodys() {
        InferenceRequest request =
                valid(
                        """
                        {"custom_id": "a", "body": {"model": "m", "messages": [{"role": "user"}],
                         "input": "sixteen letters!"}, "url": "/v1/embeddings"}
                        """);

        assertThat(request.operation()).isEqualTo(Operations.EMBEDDINGS);
        assertThat(request.body().facts().estimatedInputTokens()).isEqualTo(4);
    }

    @Test
    void memberPositionsPointAtTheCallersBytes() {
        RequestBody body =
                valid(
                                "{\"custom_id\":\"ü\",\"body\": { \"a\\\"b\" : 1.50 , \"model\" :"
                                        + " \"ü\",\"messages\":[ ] } }")
                        .body();

        RequestBody.Member first = body.members().getFirst();
        assertThat(slice(body, first.valueStart(), first.valueEnd())).isEqualTo("1.50");
        assertThat(slice(body, first.nameStart(), first.valueStart())).isEqualTo("\"a\\\"b\" : ");
        Optional<RequestBody.Member> model = body.member("model");
        assertThat(model.map(each -> slice(body, each.valueStart(), each.valueEnd())))
                .contains("\"ü\"");
        assertThat(body.text()).startsWith("{ \"a").endsWith("[ ] }");
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"body":{}}                                        | custom_id: missing
                    {"custom_id":7,"body":{}}                          | custom_id: 7 is not a text
                    {"custom_id":"","body":{}}                         | custom_id: a text of 0 characters
                    {"custom_id":"a\\u0007","body":{}}                 | custom_id: a text of 2 characters
                    {"custom_id":"a"}                                  | body: missing
                    {"custom_id":"a","body":null}                      | body: missing
                    {"custom_id":"a","body":[]}                        | body: an array is not an object
                    {"custom_id":"a","body":{"model":5}}               | body.model: 5 is not a text
                    {"custom_id":"a","body":{"stream":"yes"}}          | body.stream: a text is not true or false
                    {"custom_id":"a","url":"/v1/embeddings","body":{"stream":true}}   | body.stream: true is not false, and embeddings have no stream
                    {"custom_id":"a","body":{"stream":true},"url":"/v1/moderations"}  | body.stream: true is not false, and moderations have no stream
                    {"custom_id":"a","body":{"max_tokens":1.5}}        | body.max_tokens: 1.5 is not a whole number
                    {"custom_id":"a","body":{"max_tokens":-2}}         | body.max_tokens: -2 is not a whole number
                    {"custom_id":"a","body":{"n":0}}                   | body.n: 0 is not a whole number of at least 1
                    {"custom_id":"a","body":{"messages":{}}}           | body.messages: an object is not an array
                    {"custom_id":"a","body":{"messages":["x"]}}        | body.messages[0]: a text is not an object
                    {"custom_id":"a","body":{"a":1,"a":2}}             | body.a: the member stands twice
                    {"custom_id":"a","custom_id":"b","body":{}}        | custom_id: the member stands twice
                    {"custom_id":"a","method":"GET","body":{}}         | method: GET is not POST
                    {"custom_id":"a","url":"/v1/images","body":{}}  | url: /v1/images is not one of
                    {"custom_id":"a","body":{}} {}                     | value: more than one JSON object
                    []                                                 | value: not a JSON object
                    {"custom_id":"a","body":{}                         | value: not JSON
                    {"custom_id":"a","body":{},"gantry":[]}            | gantry: an array is not an object
                    {"custom_id":"a","body":{},"gantry":{"x":1}}       | gantry.x: unknown member; known are batch_id
                    {"custom_id":"a","body":{},"gantry":{"batch_id":"a b"}}           | gantry.batch_id: a b is not
                    {"custom_id":"a","body":{},"gantry":{"tags":{"a":1}}}             | gantry.tags.a: 1 is not a text
                    {"custom_id":"a","body":{},"gantry":{"deadline":"soon"}}          | gantry.deadline: soon is not an RFC 3339 time
                    {"custom_id":"a","body":{},"gantry":{"hint":{"tier":"moon"}}}     | gantry.hint.tier: moon is not one of
                    {"custom_id":"a","body":{},"gantry":{"routing":{"tier":"Frontier"}}}     | gantry.routing.tier: Frontier is not one of local, direct, fleet, cloud, frontier
                    {"custom_id":"a","body":{},"gantry":{"budget":[]}}                | gantry.budget: an array is not an object
                    {"custom_id":"a","body":{},"gantry":{"budget":{"usd":"1"}}}       | gantry.budget.usd: unknown member; known are per_call_usd
                    {"custom_id":"a","body":{},"gantry":{"budget":{"session_usd":2e1}}} | gantry.budget.session_usd: 2e1 is not a plain decimal
                    {"custom_id":"a","body":{},"gantry":{"budget":{"session_usd":true}}} | gantry.budget.session_usd: true is not a plain decimal
                    {"custom_id":"a","body":{},"gantry":{"budget":{"per_call_usd":"-1"}}} | gantry.budget.per_call_usd: -1 is not a plain decimal of 0 or more
                    {"custom_id":"a","body":{},"gantry":{"budget":{"per_call_usd":"1e3"}}} | gantry.budget.per_call_usd: 1e3 is not a plain decimal of 0 or more
                    {"custom_id":"a","body":{},"gantry":{"budget":{"on_exceed":"shrug"}}} | gantry.budget.on_exceed: shrug is not one of abort, skip
                    {"custom_id":"a","body":{},"gantry":{"classification":{"contains_pii":"no"}}} | gantry.classification.contains_pii: a text is not true or false
                    {"custom_id":"a","body":{},"gantry":{"classification":{"level":"top secret"}}} | gantry.classification.level: top secret is not one of public, internal
                    {"custom_id":"a","body":{},"gantry":{"intent":{"capabilities":["fly"]}}} | gantry.intent.capabilities: fly is not one of
                    """)
    void badInputGetsOneClearError(String value, String message) {
        assertThat(invalid(record(value)).message()).startsWith(message);
    }

    @Test
    void theSenderIsNamedWhereverTheErrorStands() {
        DecodedRecord.Invalid before =
                invalid(
                        record(
                                "{\"body\":7,\"gantry\":{\"batch_id\":\"b\"},\"custom_id\":\"late\"}"));
        DecodedRecord.Invalid cut = invalid(record("{\"custom_id\":\"early\",\"body\":{\"model"));
        DecodedRecord.Invalid nobody = invalid(record("nonsense"));

        assertThat(before.customId()).isEqualTo("late");
        assertThat(before.batchId()).isEqualTo("b");
        assertThat(cut.customId()).isEqualTo("early");
        assertThat(nobody.customId()).isNull();
    }

    @Test
    void anAbsentValueIsAnError() {
        assertThat(invalid(record((String) null)).message()).startsWith("value: null");
    }

    @Test
    void tooLargeAValueIsAnErrorThatStillNamesTheSender() {
        String text = "{\"custom_id\":\"big\",\"body\":{\"x\":\"" + "a".repeat(1 << 20) + "\"}}";

        DecodedRecord.Invalid invalid = invalid(record(text));

        assertThat(invalid.message()).startsWith("value: 1048611 bytes are more than");
        assertThat(invalid.customId()).isEqualTo("big");
    }

    @Test
    void absurdDepthIsAnError() {
        String text = "{\"custom_id\":\"deep\",\"body\":{\"x\":" + "[".repeat(100_000);

        assertThat(invalid(record(text)).message()).startsWith("value: not JSON");
    }

    @Test
    void otherEncodingsThanUtf8AreAnError() {
        String text = "{\"custom_id\":\"a\",\"body\":{\"model\":\"m\"}}";
        for (String name : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE")) {
            byte[] value = text.getBytes(Charset.forName(name));

            assertThat(invalid(record(value)).message()).as(name).isEqualTo("value: not UTF-8");
        }
    }

    @Test
    void openMapsAreBounded() {
        String text =
                "{\"custom_id\":\"a\",\"body\":{},\"gantry\":{\"tags\":{\"k\":\""
                        + "v".repeat(2_048)
                        + "\"}}}";

        assertThat(invalid(record(text)).message())
                .isEqualTo("gantry.tags: 2049 bytes are more than the 2048 allowed");
    }

    static Stream<Arguments> whatIsCopiedIntoEvents() {
        String long513 = "x".repeat(513);
        String[] names = {
            "conversation_id",
            "session_id",
            "priority",
            "routing.model",
            "routing.tier",
            "routing.provider",
            "routing.instance",
            "prefer.provider",
            "prefer.instance",
            "classification.level",
            "intent.effort"
        };
        Stream<Arguments> texts =
                Stream.of(names)
                        .map(
                                name ->
                                        Arguments.of(
                                                gantry(name, "\"" + long513 + "\""),
                                                "gantry."
                                                        + name
                                                        + ": 513 characters are more than"
                                                        + " the 512 allowed"));
        return Stream.concat(
                texts,
                Stream.of(
                        Arguments.of(
                                gantry("routing.fallback_models", list("m", 33)),
                                "gantry.routing.fallback_models: 33 entries are more than the 32"
                                        + " allowed"),
                        Arguments.of(
                                gantry("routing.fallback_models", "[\"a\",\"" + long513 + "\"]"),
                                "gantry.routing.fallback_models[1]: 513 characters are more than"
                                        + " the 512 allowed"),
                        Arguments.of(
                                gantry("intent.capabilities", list("tools", 100_000)),
                                "gantry.intent.capabilities: 100000 entries are more than the 32"
                                        + " allowed"),
                        Arguments.of(
                                gantry("deadline", "\"+292278994-01-01T00:00:00Z\""),
                                "gantry.deadline: +292278994-01-01T00:00:00Z is not an RFC 3339"),
                        Arguments.of(
                                gantry("tags", object(5_000)),
                                "gantry.tags: more members than the 1000 allowed"),
                        Arguments.of(
                                "{\"custom_id\":\"a\",\"body\":" + object(5_000) + "}",
                                "body: more members than the 1000 allowed"),
                        Arguments.of(
                                "{\"custom_id\":\"a\",\"body\":{}," + object(5_000).substring(1),
                                "value: more members than the 1000 allowed"),
                        Arguments.of(
                                "{\"custom_id\":\"a\",\"body\":{\"model\":\"" + long513 + "\"}}",
                                "body.model: 513 characters are more than the 512 allowed"),
                        Arguments.of(
                                "{\"custom_id\":\"a\",\"body\":{\"service_tier\":\""
                                        + long513
                                        + "\"}}",
                                "body.service_tier: 513 characters are more than the 512 allowed")));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("whatIsCopiedIntoEvents")
    void whatIsCopiedIntoEventsIsBounded(String value, String message) {
        DecodedRecord.Invalid invalid = invalid(record(value));

        assertThat(invalid.message()).startsWith(message);
        assertThat(invalid.customId()).isEqualTo("a");
    }

    @Test
    void asMuchAsIsAllowedIsTaken() {
        InferenceRequest request = valid(gantry("routing.fallback_models", list("m", 32)));

        assertThat(request.options().constraints().fallbackModels()).hasSize(32);
    }

    @Test
    void brokenJsonIsNamedWithoutItsWords() {
        String text = "{\"custom_id\":\"a\",\"body\":{\"messages\":[tellNobodyOfThis]}}";

        assertThat(invalid(record(text)).message())
                .startsWith("value: not JSON: Unrecognized token")
                .contains("(at byte ")
                .doesNotContain("tellNobody");
    }

    private static String gantry(String path, String value) {
        String[] names = path.split("\\.", -1);
        StringBuilder json = new StringBuilder("{\"custom_id\":\"a\",\"body\":{},\"gantry\":");
        for (String name : names) {
            json.append("{\"").append(name).append("\":");
        }
        return json.append(value).append("}".repeat(names.length + 1)).toString();
    }

    private static String list(String word, int count) {
        return "[" + String.join(",", Collections.nCopies(count, "\"" + word + "\"")) + "]";
    }

    private static String object(int members) {
        return IntStream.range(0, members)
                .mapToObj(each -> "\"" + each + "\":\"\"")
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Whatever the bytes: an answer, never an exception. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutatedRecordsNeverThrow(long seed) {
        Random random = new Random(seed);
        String operation =
                List.of(
                                "\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"m\",\"input\":[1,2]}",
                                "\"body\":{\"prompt\":[[1],\"a\"],\"n\":2,\"best_of\":3},\"url\":\"/v1/completions\"",
                                "\"url\":\"/v1/moderations\",\"body\":{\"input\":[{\"type\":\"image_url\"}]}")
                        .get(random.nextInt(3));
        byte[] bytes =
                ("{\"custom_id\":\"a\"," + operation + ",\"gantry\":{\"tags\":{}}}")
                        .getBytes(StandardCharsets.UTF_8);
        for (int each = random.nextInt(8); each >= 0; each--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }

        DecodedRecord decoded = DECODER.decode(record(bytes));

        assertThat(decoded).isNotNull();
    }

    public static IntakeSettings settings() {
        return Settings.shipped(
                IntakeSettings.class, "max-in-flight-size=2MB", "max-request-size=1MB");
    }

    private static InferenceRequest valid(String value) {
        return valid(record(value));
    }

    private static InferenceRequest valid(ConsumerRecord<byte[], byte[]> record) {
        return switch (DECODER.decode(record)) {
            case DecodedRecord.Valid(var request) -> request;
            case DecodedRecord.Invalid invalid -> throw new AssertionError(invalid.message());
        };
    }

    private static DecodedRecord.Invalid invalid(ConsumerRecord<byte[], byte[]> record) {
        return (DecodedRecord.Invalid) DECODER.decode(record);
    }

    private static ConsumerRecord<byte[], byte[]> record(@Nullable String value) {
        return record(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] value) {
        return new ConsumerRecord<>(
                "requests",
                3,
                42,
                SENT.toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                value == null ? 0 : value.length,
                null,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private static String slice(RequestBody body, int start, int end) {
        return new String(body.bytes(), start, end - start, StandardCharsets.UTF_8);
    }
}
