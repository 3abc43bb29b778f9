package dev.gantry.classification;

import static dev.gantry.classification.Answers.classify;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.openai.OpenAiFormat;
import dev.gantry.inference.Answer;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Operation;
import dev.gantry.operation.Operations;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.routing.RequestBuilder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class ClassifierTest {
    @ParameterizedTest(name = "{0} {3} is {1}, {2}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    400 | BAD_REQUEST      | REQUEST  | messages: Field required
                    422 | BAD_REQUEST      | REQUEST  | anything
                    400 | BAD_REQUEST      | REQUEST  | Invalid 'user': string too long
                    400 | BAD_REQUEST      | REQUEST  | max_tokens is too large: 200000
                    401 | AUTH             | INSTANCE | Unauthorized
                    403 | AUTH             | INSTANCE | Forbidden
                    400 | AUTH             | INSTANCE | API key not valid
                    403 | AUTH             | LANE     | Your organization must be verified
                    402 | BILLING          | ACCOUNT  | whatever
                    400 | BILLING          | ACCOUNT  | Your credit balance is too low
                    429 | BILLING          | LANE     | Too many tokens per day
                    404 | MODEL_MISSING    | LANE     | The model `x` does not exist
                    404 | UNKNOWN          | LANE     | Not found
                    429 | RATE_LIMIT       | LANE     | Slow down
                    429 | OVERLOADED       | LANE     | The engine is currently overloaded
                    503 | OVERLOADED       | LANE     | anything
                    529 | OVERLOADED       | LANE     | anything
                    408 | TIMEOUT          | LANE     | anything
                    504 | TIMEOUT          | LANE     | anything
                    499 | TIMEOUT          | REQUEST  | cancelled
                    500 | SERVER           | LANE     | anything
                    502 | SERVER           | LANE     | anything
                    400 | CONTEXT_OVERFLOW | REQUEST  | maximum context length is 4096 tokens
                    400 | CONTENT_POLICY   | REQUEST  | Your input was flagged
                    403 | CONTENT_POLICY   | REQUEST  | Your input was flagged
                    302 | UNKNOWN          | LANE     | moved
                    """)
    void readsStatusAndWords(int status, ErrorKind kind, Scope scope, String message) {
        Classification actual =
                classify(status, "{\"error\":{\"message\":\"%s\"}}".formatted(message))
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(kind);
        assertThat(actual.scope()).isEqualTo(scope);
        assertThat(actual.message()).isEqualTo("HTTP %d: %s", status, message);
    }

    static Stream<Arguments> transports() {
        return Stream.of(
                row(new Unreachable(Obstacle.REFUSED, "refused"), ErrorKind.NETWORK),
                row(new Unreachable(Obstacle.CONNECT_TIMEOUT, "late"), ErrorKind.NETWORK),
                row(new Unreachable(Obstacle.TLS, "lesson 27"), ErrorKind.NETWORK),
                row(new Cut(true, false, Duration.ZERO, "reset"), ErrorKind.NETWORK),
                row(new TimedOut(Duration.ofSeconds(3), true), ErrorKind.TIMEOUT),
                row(new TooLarge(200, 10), ErrorKind.SERVER),
                row(new TooLarge(429, 10), ErrorKind.RATE_LIMIT),
                row(new Cancelled(true), ErrorKind.CANCELLED));
    }

    private static Arguments row(ProviderReply reply, ErrorKind kind) {
        return Arguments.of(reply, kind);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void readsWhatTheTransportMet(ProviderReply reply, ErrorKind kind) {
        Classification actual = classify(reply, "generic").orElseThrow();

        assertThat(actual.kind()).isEqualTo(kind);
        assertThat(actual.code()).isNull();
    }

    @Test
    void takesAWholeAnswerForASuccess() {
        assertThat(classify(200, "{\"error\":null,\"choices\":[{\"finish_reason\":\"stop\"}]}"))
                .isEmpty();
        assertThat(
                        classify(
                                200,
                                "{\"choices\":[{\"message\":{\"content\":\"error: rate limit\"}}]}"))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    SERVER           | {"choices":[]}
                    SERVER           | {}
                    SERVER           | "text"
                    SERVER           | <html>hello</html>
                    SERVER           | {"choices":[{"finish_reason":"error"}]}
                    SERVER           | {"error":{"message":"oops"},"choices":[{}]}
                    RATE_LIMIT       | {"error":{"code":429,"message":"upstream says no"}}
                    OVERLOADED       | {"type":"error","error":{"type":"overloaded_error"}}
                    OVERLOADED       | event: error\\ndata: {"error":{"type":"overloaded_error"}}
                    CONTEXT_OVERFLOW | {"message":"maximum context length is 131072 tokens"}
                    CONTENT_POLICY   | {"choices":[{"finish_reason":"content_filter"}]}
                    CONTENT_POLICY   | {"choices":[{"finish_reason":"SAFETY"}]}
                    CONTENT_POLICY   | {"choices":[{"finish_reason":"Prohibited-Content"}]}
                    SERVER           | {"choices":[{"finish_reason":"network_error"}]}
                    OVERLOADED       | {"choices":[{"finish_reason":"insufficient_system_resource"}]}
                    CONTENT_POLICY   | {"type":"message","stop_reason":"refusal","content":[]}
                    RATE_LIMIT       | {"error":{"status":"RESOURCE_EXHAUSTED"}}
                    BAD_REQUEST      | {"error":{"type":"invalid_request_error","message":"odd"}}
                    SERVER           | data: {"error":{"message":"EngineCore encountered an issue","code":400}}
                    """)
    void findsErrorsInsideA200(ErrorKind kind, String body) {
        Classification actual = classify(200, body.replace("\\n", "\n")).orElseThrow();

        assertThat(actual.kind()).isEqualTo(kind);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                                   | {"status":"completed","output":[{}]}
                                   | {"status":"completed","output":[{"content":[{"type":"refusal"}]}]}
                                   | {"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}
                    SERVER         | {"status":"completed","output":[]}
                    SERVER         | {"status":"queued","output":[]}
                    SERVER         | {"choices":[{}]}
                    CONTENT_POLICY | {"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[{}]}
                    SERVER         | {"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}
                    RATE_LIMIT     | {"status":"failed","error":{"code":"rate_limit_exceeded","message":"x"},"output":[]}
                    TIMEOUT        | {"status":"cancelled","error":null,"output":[{}]}
                    """)
    void readsAResponse(@Nullable ErrorKind kind, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        var request = request().operation(Operations.RESPONSES).build();
        Answer answer =
                new OpenAiFormat().answer(Operations.RESPONSES, 200, Map.of(), bytes).answer();

        var actual =
                new Classifier()
                        .classify(new Answered(answer, Map.of()), request, "openai", Instant.EPOCH);

        assertThat(actual.map(Classification::kind).orElse(null)).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"length", "MAX_TOKENS", "model_context_window_exceeded", "never heard of"})
    void takesAnAnswerThatEndsOtherwiseForOne(String reason) {
        assertThat(classify(200, "{\"choices\":[{\"finish_reason\":\"%s\"}]}".formatted(reason)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    completions | {"choices":[{"text":"","finish_reason":"stop"}]}     | true
                    completions | {"choices":[]}                                       | false
                    completions | {"data":[{}]}                                        | false
                    embeddings  | {"data":[{"embedding":[]}]}                          | true
                    embeddings  | {"data":[]}                                          | false
                    moderations | {"id":"m","results":[{"flagged":true}]}              | true
                    moderations | {"results":[]}                                       | false
                    moderations | {"results":{"flagged":true}}                         | false
                    moderations | {"results":[{}],"error":{"message":"no"}}            | false
                    moderations | {"choices":[{"message":{"content":"I refuse"}}]}     | false
                    """)
    void takesForAnAnswerWhatTheOperationAsksFor(String label, String body, boolean good) {
        Operation operation =
                Operations.ALL.stream()
                        .filter(each -> each.label().equals(label))
                        .findFirst()
                        .orElseThrow();

        Optional<Classification> found =
                Answers.classify(
                        Answers.answer(200, body, Map.of()),
                        "openai",
                        RequestBuilder.request("m").operation(operation).build());

        assertThat(found.isEmpty()).isEqualTo(good);
    }

    @Test
    void takesAnEmpty200ForABrokenAnswer() {
        Classification actual = classify(200, "").orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.SERVER);
        assertThat(actual.message()).startsWith("HTTP 200, empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    500 | {"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}
                    400 | {"error":{"message":"Provider returned error","metadata":{"raw":"{\\"error\\":{\\"message\\":\\"prompt is too long\\"}}"}}}
                    400 | [{"error":{"message":"{\\"code\\":\\"context_length_exceeded\\"}"}}]
                    400 | {"detail":{"error":{"code":"context_length_exceeded"}}}
                    """)
    void lesson6FindsAnOverflowInAnyEnvelope(int status, String body) {
        Classification actual = classify(status, body).orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.CONTEXT_OVERFLOW);
        assertThat(actual.quotaTooSmall()).isFalse();
    }

    @Test
    void tellsATooSmallQuotaFromATooSmallWindow() {
        Classification actual =
                classify(
                                429,
                                "{\"error\":{\"message\":\"Request too large for m on tokens per min"
                                        + " (TPM): Limit 9, Requested 12\",\"code\":"
                                        + "\"rate_limit_exceeded\"}}")
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.CONTEXT_OVERFLOW);
        assertThat(actual.quotaTooSmall()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "400, 'messages has 30500 tokens: 402913 of them odd'",
        "400, 'field id req-401-429 took 15290 ms'",
        "400, 'price is 429 kr'",
        "400, 'overloadedness is no word'"
    })
    void lesson44TakesNoNumberInProseForAStatus(int status, String message) {
        Classification actual =
                classify(status, "{\"error\":{\"message\":\"%s\"}}".formatted(message))
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
    }

    @Test
    void lesson45TakesAnEmptyBalanceForBillingEvenAs429() {
        Classification actual =
                classify(429, "{\"error\":{\"code\":\"insufficient_quota\"}}").orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.BILLING);
        assertThat(actual.code()).isEqualTo("insufficient_quota");
    }

    @Test
    void takesAVendorsCodeOnItsOwnLanesOnly() {
        String body = "{\"error\":{\"code\":\"1301\",\"message\":\"x\"}}";

        Classification own = classify(400, body, Map.of(), "zai").orElseThrow();
        Classification other = classify(400, body, Map.of(), "generic").orElseThrow();

        assertThat(own.kind()).isEqualTo(ErrorKind.CONTENT_POLICY);
        assertThat(other.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
    }

    @Test
    @Timeout(120)
    void lesson31StaysFastOnLongText() {
        String nasty =
                "request too large model sk-" + "a-".repeat(200_000) + " token=".repeat(9000);

        for (int i = 0; i < 50; i++) {
            Classification actual =
                    classify(500, "{\"message\":\"%s\"}".formatted(nasty)).orElseThrow();
            assertThat(actual.message()).hasSizeLessThanOrEqualTo(500);
        }
    }

    @Test
    void readsNoPromptThatTheBodyEchoes() {
        Classification actual =
                classify(
                                400,
                                "{\"error\":{\"message\":\"invalid\",\"input\":\"my secret prompt was"
                                        + " flagged\"},\"messages\":[{\"message\":\"overdue\"}]}")
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
        assertThat(actual.message()).doesNotContain("prompt", "overdue");
    }

    @Test
    void lesson7AnOverflowCoolsNothing() {
        Classification actual =
                classify(400, "{\"error\":{\"code\":\"context_length_exceeded\"}}").orElseThrow();

        assertThat(actual.scope()).isEqualTo(Scope.REQUEST);
    }

    @Test
    void lesson10ABadKeyIsKnownAsTheInstancesAtTheFirstAnswer() {
        Classification actual = classify(401, "{}").orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.AUTH);
        assertThat(actual.scope()).isEqualTo(Scope.INSTANCE);
    }

    @Test
    void lesson11AWrongPayloadSaysNothingOfTheLane() {
        String body =
                "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\"],"
                        + "\"msg\":\"Field required\",\"input\":{\"model\":\"overloaded\"}}]}";

        Classification actual = classify(422, body).orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.BAD_REQUEST);
        assertThat(actual.scope()).isEqualTo(Scope.REQUEST);
        assertThat(actual.message()).isEqualTo("HTTP 422: Field required");
    }

    @Test
    void lesson27ABrokenHandshakeIsTheNetworks() {
        Classification actual =
                classify(new Unreachable(Obstacle.TLS, "401 of 429 bytes"), "generic")
                        .orElseThrow();

        assertThat(actual.kind()).isEqualTo(ErrorKind.NETWORK);
        assertThat(actual.scope()).isEqualTo(Scope.LANE);
    }

    @Test
    void lesson28GivingUpOurselvesSaysNothingOfTheLane() {
        Classification actual = classify(new Cancelled(true), "generic").orElseThrow();

        assertThat(actual.scope()).isEqualTo(Scope.REQUEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    BAD_REQUEST      | max_tokens must be at most 4096
                    BAD_REQUEST      | Invalid max_tokens: 99999
                    CONTEXT_OVERFLOW | This model's maximum context length is 4096 tokens
                    RATE_LIMIT       | Lower max_tokens or try again in 5s
                    """)
    void lesson45TakesAWrongRequestForItselfEvenAs429(ErrorKind kind, String message) {
        Classification actual =
                classify(429, "{\"error\":{\"message\":\"%s\"}}".formatted(message)).orElseThrow();

        assertThat(actual.kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"retry-after, 38, ", "retry-after, 7200, PT2H"})
    void takesNoShortDelayForTheEndOfAPeriod(String name, String value, @Nullable Duration wait) {
        String body = "{\"error\":{\"code\":\"insufficient_quota\"}}";

        Classification actual = classify(429, body, Map.of(name, value), "openai").orElseThrow();

        assertThat(actual.retryAfter()).isEqualTo(wait);
    }

    @Test
    void readsAnEnvelopeInTheMiddleOfASentence() {
        String body =
                "{\"error\":{\"message\":\"litellm.InternalServerError: AnthropicException - "
                        + "{\\\"error\\\":{\\\"type\\\":\\\"overloaded_error\\\"}} in group x\"}}";

        assertThat(classify(500, body).orElseThrow().kind()).isEqualTo(ErrorKind.OVERLOADED);
    }

    static Stream<Arguments> bases() {
        return Stream.of(
                Arguments.of(402, "{}", Basis.FACT),
                Arguments.of(402, "{\"error\":{\"message\":\"please recharge\"}}", Basis.FACT),
                Arguments.of(400, "{\"error\":{\"code\":\"insufficient_quota\"}}", Basis.FACT),
                Arguments.of(400, "{\"error\":{\"message\":\"balance too low\"}}", Basis.TEXT),
                Arguments.of(401, "{}", Basis.FACT),
                Arguments.of(403, "{\"error\":{\"code\":\"invalid_api_key\"}}", Basis.FACT),
                Arguments.of(403, "{\"error\":{\"message\":\"invalid api key\"}}", Basis.TEXT),
                Arguments.of(403, "{}", Basis.TEXT),
                Arguments.of(404, "{\"error\":{\"code\":\"model_not_found\"}}", Basis.FACT),
                Arguments.of(404, "{\"error\":{\"message\":\"no such model\"}}", Basis.TEXT),
                Arguments.of(429, "{}", Basis.FACT),
                Arguments.of(503, "{}", Basis.SUSPICION),
                Arguments.of(500, "{\"error\":{\"code\":\"server_error\"}}", Basis.SUSPICION),
                Arguments.of(404, "{}", Basis.SUSPICION));
    }

    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("bases")
    void saysWhatItsVerdictRestsOn(int status, String body, Basis expected) {
        Classification actual = classify(status, body).orElseThrow();

        assertThat(actual.basis()).isEqualTo(expected);
    }
}
