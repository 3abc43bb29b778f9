package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.StateLabel;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Who may do what to circuits over HTTP, and what is said otherwise. */
class LanesPostTest {
    private static final String TOKEN = "op-token-1";
    private static final String DENY = "{\"target\":\"openai:main\",\"action\":\"deny\"}";
    private static final LaneId LANE =
            new LaneId(Tier.FRONTIER, "openai", "main", ModelType.INFERENCE, "gpt-5");

    private final List<OperatorAct> acts = new ArrayList<>();
    private final Circuits circuits =
            Circuits.localOnly(
                    CircuitSettings.DEFAULT,
                    List.of(new ScopeMembership(LANE, "openai/main", QuotaScope.LANE)),
                    InstantSource.system());

    @BeforeEach
    void listen() {
        circuits.onAct(
                (act, told) -> {
                    acts.add(act);
                    told.run();
                });
    }

    @AfterEach
    void close() {
        circuits.close();
    }

    @Test
    void withoutAConfiguredTokenNobodyMay() throws IOException {
        MockHttpServletResponse answer = post("", "Bearer ", DENY);

        assertThat(answer.getStatus()).isEqualTo(403);
        assertThat(error(answer)).contains("gantry.operator.token is not set");
        assertThat(acts).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            nullValues = "none",
            value = {
                "none",
                "''",
                "Bearer",
                "Bearer wrong",
                "Bearer op-token-",
                "Bearer op-token-12",
                "Basic op-token-1",
                "op-token-1"
            })
    void anyOtherTokenIsRefused(@Nullable String header) throws IOException {
        MockHttpServletResponse answer = post(TOKEN, header, DENY);

        assertThat(answer.getStatus()).isEqualTo(401);
        assertThat(answer.getHeader("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.getContentAsString()).doesNotContain("op-token");
        assertThat(acts).isEmpty();
    }

    @Test
    void theRightTokenIsObeyedAndTheActorKept() throws IOException {
        MockHttpServletResponse answer =
                post(
                        TOKEN,
                        "bearer " + TOKEN,
                        """
                        {"target": "openai:*:*:gpt*", "action": "open", "for": "5m",
                         "reason": "maintenance", "actor": "jo"}""");

        assertThat(answer.getStatus()).isEqualTo(200);
        assertThat(answer.getContentAsString())
                .contains("\"circuit\":\"openai:main:inference:gpt-5\"", "\"to\":\"open\"")
                .contains("\"actor\":\"jo\"");
        assertThat(acts).hasSize(1);
        assertThat(acts.getFirst().actor()).isEqualTo("jo");
        assertThat(acts.getFirst().reason()).isEqualTo("maintenance");
    }

    @Test
    void whoNamesNobodyIsTheOperator() throws IOException {
        MockHttpServletResponse answer = post(TOKEN, "Bearer " + TOKEN, DENY);

        assertThat(answer.getStatus()).isEqualTo(200);
        assertThat(acts.getFirst().actor()).isEqualTo("operator");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            textBlock =
                    """
                    {"target":"openai:main"}                                   | action: missing
                    {"action":"deny"}                                          | target: missing
                    {"target":7,"action":"deny"}                               | target: not a text
                    {"target":"openai","action":"deny"}                        | target openai; allowed is
                    {"target":"openai:main","action":"fly"}                    | action: fly; allowed are
                    {"target":"openai:main","action":"open","for":"soon"}      | for: soon; allowed is
                    {"target":"openai:main","action":"open","for":600}         | for: not a text
                    {"target":"openai:main","action":"deny","for":"5m"}        | for: 5m; only open
                    {"target":"openai:main","action":"deny","reson":"x"}       | reson: unknown
                    {"target":"openai:main","action":"deny","actor":" "}       | actor: allowed are
                    {"target":"openai:main","action":"deny","action":"open"}   | the body is no JSON
                    {"target":                                                 | the body is no JSON
                    []                                                         | no JSON object
                    """)
    void aBadBodyIsNamed(String body, String message) throws IOException {
        MockHttpServletResponse answer = post(TOKEN, "Bearer " + TOKEN, body);

        assertThat(answer.getStatus()).isEqualTo(400);
        assertThat(error(answer)).contains(message);
        assertThat(acts).isEmpty();
    }

    @Test
    void aTargetThatMeansNothingIsNotFound() throws IOException {
        String body = "{\"target\":\"nobody:*\",\"action\":\"deny\"}";

        MockHttpServletResponse answer = post(TOKEN, "Bearer " + TOKEN, body);

        assertThat(answer.getStatus()).isEqualTo(404);
        assertThat(error(answer)).contains("nobody:*");
        assertThat(circuits.state(LANE)).isEqualTo(StateLabel.CLOSED);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "true, 'the database refuses: ERROR: relation '",
        "false, 'the database does not answer: Connection to localhost:1 refused'",
    })
    void saysWhatTheTroubleWithTheDatabaseIs(boolean answers, String says) throws IOException {
        SharedDatabase.Address address = SharedDatabase.address();
        DriverManagerDataSource database =
                new DriverManagerDataSource(
                        answers ? address.url() : "jdbc:postgresql://localhost:1/none",
                        address.username(),
                        address.password());
        SchemaName absent = new SchemaName(SharedDatabase.uniqueSchema());
        try (Circuits shared =
                Circuits.shared(
                        CircuitSettings.DEFAULT,
                        List.of(new ScopeMembership(LANE, "openai/main", QuotaScope.LANE)),
                        WorkerName.of("w"),
                        database,
                        new DatabaseSettings(absent, null),
                        InstantSource.system())) {
            MockHttpServletResponse answer = post(shared, TOKEN, "Bearer " + TOKEN, DENY);

            assertThat(answer.getStatus()).isEqualTo(503);
            assertThat(error(answer))
                    .startsWith(says)
                    .endsWith("; nothing is known to have changed");
        }
    }

    @Test
    void anEndlessBodyIsNotReadToItsEnd() throws IOException {
        String body = "{\"target\":\"" + "x".repeat(1 << 20) + "\"}";

        assertThat(post(TOKEN, "Bearer " + TOKEN, body).getStatus()).isEqualTo(413);
    }

    @Test
    void aTokenBeyondAsciiIsComparedByItsBytesOnTheWire() throws IOException {
        String wire = new String("Zürich".getBytes(StandardCharsets.UTF_8), ISO_8859_1);

        assertThat(post("Zürich", "Bearer " + wire, DENY).getStatus()).isEqualTo(200);
    }

    private MockHttpServletResponse post(String token, @Nullable String header, String body)
            throws IOException {
        return post(circuits, token, header, body);
    }

    private static MockHttpServletResponse post(
            Circuits circuits, String token, @Nullable String header, String body)
            throws IOException {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/actuator/lanes");
        if (header != null) {
            request.addHeader("Authorization", header);
        }
        request.setContent(body.getBytes(StandardCharsets.UTF_8));
        MockHttpServletResponse response = new MockHttpServletResponse();
        new LanesPost(circuits, new OperatorToken(token)).handleRequest(request, response);
        return response;
    }

    private static String error(MockHttpServletResponse answer) throws IOException {
        return JsonMapper.shared().readTree(answer.getContentAsByteArray()).at("/error").asString();
    }
}
