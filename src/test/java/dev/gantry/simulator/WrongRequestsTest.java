package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.http.HttpResponse;

class WrongRequestsTest {
    private static final String KEY = "sk-good-0123456789abcd";

    private final SimulatedProvider provider;
    @AutoClose private final ApiClient client;

    WrongRequestsTest() throws IOException {
        provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        client = new ApiClient(provider);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    chat/completions | {"messages":[]}                          | you must provide a model parameter
                    chat/completions | {"model":"m"}                            | Missing required parameter: 'messages'.
                    chat/completions | {"model":"m","messages":"hi"}            | Missing required parameter: 'messages'.
                    chat/completions | {"model":"m","messages":[]               | We could not parse the JSON body
                    chat/completions | [1]                                      | We could not parse the JSON body
                    chat/completions | {"model":"m","messages":[],"max_tokens":0} | integer below minimum value
                    responses        | {"model":"m"}                            | Missing required parameter: 'input'.
                    responses        | {"model":"m","input":"x","messages":[]}  | Unknown parameter: 'messages'.
                    responses        | {"model":"m","input":"x","background":true} | background is not simulated
                    embeddings       | {"model":"m"}                            | '$.input' is invalid
                    completions      | {"model":"m"}                            | Invalid value for 'prompt'
                    completions      | {"model":"m","prompt":"a","n":[0]}       | Invalid value for 'n'
                    moderations      | {"model":"m","input":[]}                 | Missing required parameter: 'input'
                    """)
    void refusesABadBodyAndBillsNothing(String endpoint, String body, String said)
            throws Exception {
        HttpResponse<String> response = client.post("/v1/" + endpoint, body);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(ApiClient.json(response).at("/error/message").stringValue()).contains(said);
        Call call = provider.ledger().calls().getFirst();
        assertThat(call.disposition()).isEqualTo(Call.Disposition.REJECTED);
        assertThat(call.billed()).isFalse();
        assertThat(call.tokens()).isEqualTo(BilledTokens.NONE);
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    v1/messages | {"model":"m","messages":[{"role":"user","content":"x"}]} | max_tokens: Field required
                    v1/messages | {"model":"m","max_tokens":0,"messages":[]} | max_tokens: Input should be greater
                    v1/messages | {"model":"m","max_tokens":9,"messages":[]} | messages: at least one message is required
                    v1/messages | {"model":"m","max_tokens":9,"messages":[{"role":"system","content":"x"}]} | messages: Unexpected role
                    v1/messages | {"model":"m","max_tokens":9,"messages":[{"role":"user","content":[]}]} | all messages must have non-empty content
                    v1/messages | {"model":"m","max_tokens":9,"n":2}             | n: Extra inputs are not permitted
                    v1/messages | [1]                                            | We could not parse the JSON body
                    v1beta/models/m:generateContent | {}                         | contents: at least one message is required
                    v1beta/models/m:generateContent | {"messages":[]}            | Unknown name "messages"
                    """)
    void refusesWhatOtherProtocolsLackInTheirStyle(String path, String body, String said)
            throws Exception {
        HttpResponse<String> response = client.post("/" + path, body);

        boolean messages = path.endsWith("messages");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(ApiClient.json(response).at("/error/message").stringValue()).contains(said);
        assertThat(ApiClient.json(response).at("/error/type").asString("none"))
                .isEqualTo(messages ? "invalid_request_error" : "none");
        assertThat(ApiClient.json(response).at("/error/status").asString("none"))
                .isEqualTo(messages ? "none" : "INVALID_ARGUMENT");
        assertThat(provider.ledger().calls().getFirst().billed()).isFalse();
    }

    @Test
    void refusesUnknownPathsAndMethods() throws Exception {
        HttpResponse<String> path = client.post("/v1/audio/speech", "{}");
        HttpResponse<String> method = client.get("/v1/chat/completions");

        assertThat(path.statusCode()).isEqualTo(404);
        assertThat(path.body()).contains("Invalid URL (POST /v1/audio/speech)");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(provider.ledger().totals().calls()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"Authorization,'Bearer '", "api-key,''", "x-api-key,''"})
    void takesTheRightKeyOnly(String header, String prefix) throws Exception {
        provider.script(Script.of(Behaviour.FAULTLESS).accepting(KEY));

        HttpResponse<String> right = client.ask("m", header, prefix + KEY);
        HttpResponse<String> wrong = client.ask("m", header, prefix + "sk-wrong-0123456789wxyz");
        HttpResponse<String> none = client.ask("m");

        assertThat(right.statusCode()).isEqualTo(200);
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(ApiClient.json(wrong).at("/error/code").stringValue())
                .isEqualTo("invalid_api_key");
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.body()).contains("You didn't provide an API key");
        assertThat(client.get("/v1/models").statusCode()).isEqualTo(401);
    }

    @Test
    void neverShowsAWholeKey() throws Exception {
        provider.script(
                Script.of(Behaviour.FAULTLESS).accepting(KEY).key(KEY, Behaviour.FAULTLESS));

        client.ask("m", "Authorization", "Bearer " + KEY);
        HttpResponse<String> wrong =
                client.ask("m", "Authorization", "Bearer sk-wrong-0123456wxyz");

        assertThat(provider.ledger().calls().getFirst().key()).isEqualTo("...abcd");
        assertThat(wrong.body()).contains("...wxyz").doesNotContain("sk-wrong");
        assertThat(client.get("/_simulator/ledger").body()).doesNotContain(KEY);
        assertThat(provider.script()).asString().doesNotContain(KEY);
        assertThat(LedgerLine.label("sk-short")).isEqualTo("...");
    }

    @Test
    void answers400ToWhatIsNotHttp() throws Exception {
        try (var line = new BareLine(provider)) {
            line.send("hello there\r\n\r\n");

            assertThat(line.rest().text()).startsWith("HTTP/1.1 400 Bad Request");
        }
    }
}
