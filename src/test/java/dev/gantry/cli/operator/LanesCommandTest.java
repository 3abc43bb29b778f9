package dev.gantry.cli.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.CommandRun;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.inference.CircuitKey;
import dev.gantry.limit.RecordedLimits;
import dev.gantry.testbed.OwnSchema;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What operators see and do on the command line, on the fleet's own table. */
class LanesCommandTest {
    private static final CircuitKey LANE = CircuitKey.parse("openai:main:inference:gpt-5:mini");
    @AutoClose private final OwnSchema database = new OwnSchema(3);
    private final CircuitAdmin admin = new CircuitAdmin(database.pool(), database.name());

    private CommandRun lanes(Object... args) {
        return CommandRun.lanes(means(List.of()), args);
    }

    private LanesCommand.Means means(List<CircuitKey> listed) {
        return new LanesCommand.Means(
                admin,
                new RecordedLanes(database.pool(), database.name()),
                new RecordedLimits(database.pool(), database.name()),
                listed,
                database.name().at("jdbc:postgresql://db:5432/app?password=hush"));
    }

    /** As a worker does beside its heartbeat, but that lasts as long as any test. */
    private void record(String worker, String lanes) {
        JdbcClient.create(database.pool())
                .sql(
                        database.name()
                                .in(
                                        "insert into ${schema}.worker"
                                                + " (id, name, version, lanes, last_seen)"
                                                + " values (:id, :id, '1', cast(:lanes as jsonb),"
                                                + " clock_timestamp() + interval '1 hour')"))
                .param("id", worker)
                .param("lanes", lanes)
                .update();
    }

    @Test
    void saysSoWhenNoCircuitHasEverMoved() throws Exception {
        database.migrate();

        CommandRun shown = lanes();

        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("All lanes are as new", "No live worker");
    }

    @Test
    void opensForATimeAndShowsUntilWhen() throws Exception {
        database.migrate();

        CommandRun opened =
                lanes("open", "openai:main", "--force", "--for", "90m", "--reason", "bill unpaid");
        CommandRun shown = lanes();

        assertThat(opened.code()).isZero();
        assertThat(opened.out()).startsWith("openai:main: closed -> open until 20");
        assertThat(shown.out())
                .containsPattern("openai:main +open +\\d+s +in 1h \\d+m +- +- +- +bill unpaid");
    }

    @Test
    void theJsonListingHoldsEverythingTheTextDoes() throws Exception {
        database.migrate();
        lanes("deny", LANE, "--reason", "gone", "--actor", "jo", "--force");
        lanes("open", "acme:a", "--force");

        JsonNode page = JsonMapper.shared().readTree(lanes("--json").out());

        assertThat(page.at("/circuits").size()).isEqualTo(2);
        JsonNode acme = page.at("/circuits/0");
        assertThat(acme.at("/circuit").asString()).isEqualTo("acme:a");
        assertThat(acme.at("/left_ms").asLong())
                .isBetween(Duration.ofMinutes(9).toMillis(), Duration.ofMinutes(10).toMillis());
        JsonNode denied = page.at("/circuits/1");
        assertThat(denied.at("/circuit").asString()).isEqualTo(LANE.value());
        assertThat(denied.at("/state").asString()).isEqualTo("denied");
        assertThat(denied.at("/reason").asString()).isEqualTo("gone");
        assertThat(denied.at("/actor").asString()).isEqualTo("jo");
        assertThat(denied.has("until")).isFalse();
        assertThat(Instant.parse(denied.at("/since").asString()))
                .isBeforeOrEqualTo(Instant.parse(page.at("/at").asString()));
    }

    @Test
    void aWildcardMeansWhatMovedAndWhatTheConfigurationLists() throws Exception {
        database.migrate();
        lanes("deny", "openai:spare", "--force");
        List<CircuitKey> listed = List.of(CircuitKey.parse("openai:main"), LANE);

        CommandRun denied = CommandRun.lanes(means(listed), "deny", "open*:*", "--json");

        JsonNode moves = JsonMapper.shared().readTree(denied.out()).at("/transitions");
        assertThat(moves.valueStream().map(each -> each.at("/circuit").asString()))
                .containsExactly("openai:main");
        assertThat(admin.rows())
                .extracting(each -> each.key().value())
                .containsExactly("openai:main", "openai:spare");
    }

    @Test
    void aResetClosesWhatWasDenied() throws Exception {
        database.migrate();
        lanes("deny", LANE, "--force");

        CommandRun reset = lanes("reset", "*:*:*:*");
        CommandRun again = lanes("reset", LANE);

        assertThat(reset.out().strip()).isEqualTo(LANE + ": denied -> closed");
        assertThat(again.out().strip()).isEqualTo("reset " + LANE + ": nothing had to move");
        assertThat(again.code()).isZero();
    }

    @Test
    void aWildcardThatMatchesNothingChangesNothing() throws Exception {
        database.migrate();

        CommandRun run = lanes("deny", "nobody:*");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("nobody:* matches no circuit");
        assertThat(admin.rows()).isEmpty();
    }

    @Test
    void aNameThatNobodyKnowsIsRefusedWithTheNearestUnlessForced() throws Exception {
        database.migrate();
        CommandRun nobody = lanes("deny", "opnai:main");
        record("w1", "[{\"lane\": \"frontier:openai:main:inference:gpt-5\"}]");

        CommandRun refused = lanes("deny", "opnai:main");
        CommandRun lane = lanes("open", "openai:main:inference:gtp-5");
        CommandRun known = lanes("open", "openai:main", "--json");
        CommandRun forced = lanes("deny", "opnai:main", "--force");

        assertThat(nobody.err()).contains("no worker has recorded a lane");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("nearest is openai:main;", "--force");
        assertThat(lane.err()).contains("nearest is openai:main:inference:gpt-5;");
        assertThat(known.code()).isZero();
        assertThat(forced.code()).isZero();
        assertThat(admin.rows())
                .extracting(each -> each.key().value())
                .containsExactly("openai:main", "opnai:main");
    }

    @Test
    void everyRecordedLaneIsShownWithItsPaceWithin110Columns() throws Exception {
        database.migrate();
        String busy = "\"in_flight\": 2, \"waiting\": 103, \"per_second\": 1.1";
        String longest = "openai:main:inference:" + "m".repeat(120);
        record(
                "w1",
                "[{\"lane\": \"frontier:openai:main:embedding:e\", %s}, {\"lane\": \"frontier:%s\"}]"
                        .formatted(busy, longest));
        record("w2", "[{\"lane\": \"frontier:openai:main:embedding:e\", %s}]".formatted(busy));
        record("w3", "[{\"lane\": \"newer:openai:main:video:v\"}]");
        lanes("deny", longest, "--reason", "why ".repeat(90));

        String shown = lanes().out();
        JsonNode page = JsonMapper.shared().readTree(lanes("--json").out());

        assertThat(shown).containsPattern("openai:main:embedding:e +closed +- +- +4 +206 +2.2/s");
        assertThat(shown.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(111));
        assertThat(page.at("/lanes/0/waiting").asInt()).isEqualTo(206);
        assertThat(page.at("/lanes/1/lane").asString()).endsWith(longest);
        assertThat(page.at("/circuits/0/reason").asString()).hasSizeGreaterThan(300);
    }

    @Test
    void aClosedCircuitShowsNoOldKind() throws Exception {
        database.migrate();
        lanes("deny", LANE, "--force");
        JdbcClient.create(database.pool())
                .sql(
                        database.name()
                                .in(
                                        "update ${schema}.circuit set state = 'closed',"
                                                + " kind = 'rate_limit', reason = 'too many'"))
                .update();

        assertThat(lanes().out()).contains("closed").doesNotContain("rate_limit", "too many");
        assertThat(lanes("--json").out())
                .contains("closed")
                .doesNotContain("rate_limit", "too many");
    }

    @Test
    void aSchemaWithoutTablesIsNamedAsWhatItIs() {
        CommandRun run = lanes();

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("migrate", database.name() + " at jdbc:postgresql://db:5432/app lacks")
                .doesNotContain("\tat ", "hush");
    }

    /** As workers do that share them. */
    private void limit(
            String scope, String dimension, double limit, String source, @Nullable String until) {
        JdbcClient.create(database.pool())
                .sql(
                        database.name()
                                .in(
                                        """
                                        insert into ${schema}.quota (scope, dimension, "limit", source, reset_at)
                                        values (:scope, :dimension, :limit, :source,
                                                clock_timestamp() + cast(:until as interval))
                                        """))
                .param("scope", scope)
                .param("dimension", dimension)
                .param("limit", limit)
                .param("source", source)
                .param("until", until)
                .update();
    }

    @Test
    void theLimitsThatTheFleetKeepsAreListedWithWhereTheyAreKnownFrom() throws Exception {
        database.migrate();
        limit("openai:main", "requests-per-minute", 5000, "configured", null);
        limit(LANE.value(), "tokens-per-minute", 2_000_000, "header", "1 minute");
        limit(LANE.value(), "requests-per-minute", 7, "header", "-1 minute");

        assertThat(lanes().out())
                .contains("openai:main", "requests-per-minute", "5,000", "configured")
                .containsPattern("gpt-5:mini +tokens-per-minute +2,000,000 +0 +header")
                .doesNotContainPattern("gpt-5:mini +requests-per-minute");
        assertThat(lanes("--json").out())
                .contains(
                        "{\"scope\":\"openai:main\",\"dimension\":\"requests-per-minute\","
                                + "\"limit\":5000,\"source\":\"configured\",\"sharers\":0}");
    }

    @Test
    void aDatabaseThatIsAwayIsNoLongWait() {
        try (HikariDataSource away = new HikariDataSource()) {
            away.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/none");
            away.setUsername("u");
            away.setPassword("very-secret-word");
            away.setConnectionTimeout(250);
            away.setInitializationFailTimeout(-1);

            CommandRun run =
                    CommandRun.lanes(
                            new LanesCommand.Means(
                                    new CircuitAdmin(away, database.name()),
                                    new RecordedLanes(away, database.name()),
                                    new RecordedLimits(away, database.name()),
                                    List.of(),
                                    "schema s"));

            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err())
                    .contains("the database does not answer")
                    .doesNotContain("very-secret-word", "\tat ");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    fly a:b                 | action: fly; allowed are open, deny, reset
                    open                    | TARGET is missing
                    open a                  | target a; allowed is provider:instance
                    open a:b:c              | target a:b:c; allowed is provider:instance
                    open a:b:image:c        | circuit a:b:image:c; allowed is
                    open a:b c:d            | expected one TARGET, got a:b c:d
                    open a:b --for 10       | for: 10; allowed is a number and a unit
                    open a:b --for 0s       | for: PT0S; allowed is more than 0s
                    open a:b --for 900000d  | at most 365d
                    deny a:b --for 10m      | for: 10m; only open takes a time
                    --reason why            | belong to open, deny or reset
                    """)
    void refusesWhatItCannotObey(String arguments, String message) {
        assertThatThrownBy(() -> LanesCommand.parse(List.of(arguments.split(" ", -1))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aReasonTooLongIsRefusedWithItsLength() {
        List<String> args = List.of("deny", "a:b", "--reason", "x".repeat(501));

        assertThatThrownBy(() -> LanesCommand.parse(args))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("reason: 501 characters; allowed are 500");
    }
}
