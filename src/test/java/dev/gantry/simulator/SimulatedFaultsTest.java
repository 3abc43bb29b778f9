package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.core.JacksonException;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;

class SimulatedFaultsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final SimulatedProvider provider;
    @AutoClose private final ApiClient client;

    SimulatedFaultsTest() throws IOException {
        provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        client = new ApiClient(provider);
    }

    private void always(Fault fault) throws IOException, InterruptedException {
        provider.script(Script.of(Behaviour.always(fault)));
    }

    private Call onlyCall() throws InterruptedException {
        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        assertThat(provider.ledger().calls()).hasSize(1);
        return provider.ledger().calls().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    OPENAI    | RATE_LIMIT       | 429 | rate_limit_exceeded
                    OPENAI    | SERVER           | 500 | server_error
                    OPENAI    | OVERLOADED       | 503 | engine_overloaded
                    OPENAI    | BILLING          | 429 | insufficient_quota
                    OPENAI    | AUTH             | 401 | invalid_api_key
                    OPENAI    | MODEL_MISSING    | 404 | model_not_found
                    OPENAI    | BAD_REQUEST      | 400 | invalid_type
                    OPENAI    | CONTEXT_OVERFLOW | 400 | context_length_exceeded
                    OPENAI    | CONTENT_POLICY   | 400 | invalid_prompt
                    OPENAI    | ERROR_IN_200     | 200 | server_error
                    OPENAI    | BAD_GATEWAY      | 502 | <html>
                    ANTHROPIC | RATE_LIMIT       | 429 | rate_limit_error
                    ANTHROPIC | OVERLOADED       | 529 | overloaded_error
                    ANTHROPIC | BILLING          | 400 | credit balance is too low
                    ANTHROPIC | ERROR_IN_200     | 200 | overloaded_error
                    AZURE     | RATE_LIMIT       | 429 | Please retry after 2 seconds
                    AZURE     | MODEL_MISSING    | 404 | DeploymentNotFound
                    AZURE     | CONTENT_POLICY   | 400 | ResponsibleAIPolicyViolation
                    GEMINI    | RATE_LIMIT       | 429 | GenerateRequestsPerMinutePerProjectPerModel
                    GEMINI    | CONTENT_POLICY   | 200 | PROHIBITED_CONTENT
                    """)
    void refusesInTheWordsOfTheProvider(
            ProviderStyle style, Refusal refusal, int status, String said) throws Exception {
        always(Fault.refuse(refusal, style));

        HttpResponse<String> response = client.ask("gpt-5");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(said).doesNotContain("${");
        assertThat(response.headers().map().toString()).doesNotContain("${");
        Call call = onlyCall();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.REJECTED);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.billed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(ProviderStyle.class)
    void hasWordsForEveryRefusal(ProviderStyle style) throws Exception {
        for (Refusal refusal : Refusal.values()) {
            always(Fault.refuse(refusal, style));

            HttpResponse<String> response = client.ask("gpt-5");

            assertThat(response.body()).as(refusal.name()).isNotEmpty().doesNotContain("${");
            if (refusal != Refusal.BAD_GATEWAY) {
                assertThat(response.body()).containsAnyOf("\"error\"", "\"promptFeedback\"");
            }
        }
    }

    @Test
    void advisesWhenToComeBackAsEachProviderDoes() throws Exception {
        Duration wait = Duration.ofMillis(1780);
        for (ProviderStyle style : ProviderStyle.values()) {
            always(new Fault.Refuse(Refusal.RATE_LIMIT, style, wait, Latency.ZERO));

            HttpResponse<String> response = client.ask("gpt-5");

            if (style == ProviderStyle.GEMINI) {
                assertThat(response.body()).contains("\"retryDelay\":\"2s\"");
                continue;
            }
            assertThat(response.headers().firstValue("retry-after")).hasValue("2");
            boolean openai = style == ProviderStyle.OPENAI;
            assertThat(response.headers().firstValue("retry-after-ms").isPresent())
                    .isEqualTo(openai);
            assertThat(response.headers().firstValue("x-ratelimit-reset-requests").orElse("none"))
                    .isEqualTo(openai ? "1.78s" : "none");
        }
    }

    @Test
    void sendsAnErrorIn200AsAnEventOfAStream() throws Exception {
        always(Fault.refuse(Refusal.ERROR_IN_200));

        HttpResponse<String> response =
                client.post("/v1/chat/completions", ApiClient.stream("gpt-5"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(ApiClient.events(response).findFirst().orElse("")).contains("server_error");
    }

    @Test
    void hangsUntilTheClientLeaves() throws Exception {
        always(new Fault.Hang(false));
        try (var line = new BareLine(provider)) {
            line.ask("gpt-5");
            assertThat(provider.ledger().awaitUnderWay(1, PATIENCE)).isTrue();
            assertThat(provider.ledger().calls()).isEmpty();
        }

        Call call = onlyCall();

        assertThat(call.disposition()).isEqualTo(Call.Disposition.HUNG);
        assertThat(call.billed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(ConnectionEnd.class)
    void cutsBeforeTheFirstByte(ConnectionEnd connectionEnd) throws Exception {
        always(new Fault.CutBefore(connectionEnd, true));
        try (var line = new BareLine(provider)) {
            line.ask("gpt-5");

            assertThat(line.rest()).isEqualTo(new BareLine.Rest("", connectionEnd));
        }

        Call call = onlyCall();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.CUT_BEFORE);
        assertThat(call.billed()).isTrue();
        assertThat(call.status()).isZero();
    }

    @ParameterizedTest
    @EnumSource(ConnectionEnd.class)
    void cutsInTheMiddleOfTheBody(ConnectionEnd connectionEnd) throws Exception {
        always(new Fault.CutDuring(connectionEnd));
        try (var line = new BareLine(provider)) {
            line.ask("gpt-5");
            BareLine.Rest rest = line.rest();

            int from = rest.text().indexOf("content-length: ") + 16;
            String length = rest.text().substring(from, rest.text().indexOf('\r', from));
            int body = rest.text().length() - rest.text().indexOf("\r\n\r\n") - 4;
            assertThat(rest.connectionEnd()).isEqualTo(connectionEnd);
            assertThat(body).isBetween(1, Integer.parseInt(length) - 1);
        }

        Call call = onlyCall();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.CUT_DURING);
        assertThat(call.billed()).isTrue();
        assertThat(call.status()).isEqualTo(200);
    }

    @Test
    void cutsAStreamBetweenItsEvents() throws Exception {
        always(new Fault.CutDuring(ConnectionEnd.CLOSE));
        try (var line = new BareLine(provider)) {
            line.send(BareLine.post(ApiClient.stream("gpt-5")));
            BareLine.Rest rest = line.rest();

            assertThat(rest.text()).contains("data: {").doesNotContain("[DONE]");
        }

        assertThat(onlyCall().disposition()).isEqualTo(Call.Disposition.CUT_DURING);
    }

    @Test
    void clientsSeeACutAsAFailure() throws Exception {
        always(new Fault.CutDuring(ConnectionEnd.CLOSE));

        assertThatThrownBy(() -> client.ask("gpt-5")).isInstanceOf(IOException.class);
    }

    @Test
    void cutsAReusedConnectionAndSparesAFreshOne() throws Exception {
        always(new Fault.CutOnReuse(ConnectionEnd.CLOSE));
        try (var line = new BareLine(provider)) {
            line.ask("gpt-5");
            String first = line.answer();
            line.ask("gpt-5");

            assertThat(first).startsWith("HTTP/1.1 200");
            assertThat(line.rest()).isEqualTo(new BareLine.Rest("", ConnectionEnd.CLOSE));
        }

        assertThat(provider.ledger().awaitQuiet(PATIENCE)).isTrue();
        Call second = provider.ledger().calls().getLast();
        assertThat(second.disposition()).isEqualTo(Call.Disposition.CUT_BEFORE);
        assertThat(second.billed()).isFalse();
    }

    @Test
    void truncatesTheJsonOfACompleteAnswer() throws Exception {
        always(new Fault.Truncate());

        HttpResponse<String> response = client.ask("gpt-5");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> ApiClient.json(response)).isInstanceOf(JacksonException.class);
        assertThat(onlyCall().billed()).isTrue();
    }

    @Test
    void sendsAnEmptyBody() throws Exception {
        always(new Fault.Blank());

        HttpResponse<String> response = client.ask("gpt-5");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(onlyCall().billed()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"2000", "3000000"})
    void sendsAnAnswerOfTheSizeAskedFor(int bytes) throws Exception {
        always(new Fault.Oversize(bytes));

        HttpResponse<String> whole = client.ask("gpt-5");
        HttpResponse<String> stream =
                client.post("/v1/chat/completions", ApiClient.stream("gpt-5"));
        HttpResponse<String> embedding =
                client.post("/v1/embeddings", "{\"model\":\"m\",\"input\":\"a\"}");

        assertThat(whole.body()).hasSize(bytes);
        assertThat(ApiClient.json(whole).at("/choices/0/message/content").isString()).isTrue();
        assertThat(stream.body()).hasSize(bytes);
        assertThat(ApiClient.json(embedding).has("padding")).isTrue();
    }

    @Test
    void strikesTheFirstCallsOnly() throws Exception {
        Chance twice = Chance.first(2, Fault.refuse(Refusal.SERVER));
        provider.script(Script.of(Behaviour.FAULTLESS.with(twice)));

        assertThat(client.ask("gpt-5").statusCode()).isEqualTo(500);
        assertThat(client.ask("gpt-5").statusCode()).isEqualTo(500);
        assertThat(client.ask("gpt-5").statusCode()).isEqualTo(200);
    }

    @Test
    void letsAKeysRuleWinOverAModels() throws Exception {
        provider.script(
                Script.of(Behaviour.FAULTLESS)
                        .model("down", Behaviour.always(Fault.refuse(Refusal.SERVER)))
                        .key("sk-poor", Behaviour.always(Fault.refuse(Refusal.BILLING))));

        assertThat(client.ask("any").statusCode()).isEqualTo(200);
        assertThat(client.ask("down").statusCode()).isEqualTo(500);
        assertThat(client.ask("down", "Authorization", "Bearer sk-poor").statusCode())
                .isEqualTo(429);
        assertThat(client.ask("any", "Authorization", "Bearer sk-poor").statusCode())
                .isEqualTo(429);
    }
}
