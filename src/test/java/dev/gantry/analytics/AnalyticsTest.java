package dev.gantry.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.batch.CommandRun;
import dev.gantry.event.MeterFixture;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.Topic;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Both recipes over one shuffled, duplicated topic, in the way that the paper shows: the same rows,
 * and the sums of a third count.
 */
class AnalyticsTest {
    private static final int REQUESTS = 400;
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final List<byte[]> EVENTS = events();

    /** What the paper has a person type. */
    private static final Pattern PSQL =
            Pattern.compile("gantry\\.jar export (.+) \\| psql -f (\\S+)");

    private static final Pattern DUCK =
            Pattern.compile("gantry\\.jar export (.+) > (\\S+)\\s+\\$ duckdb -init (\\S+)");

    private static Connection postgres;
    private static Connection duck;

    @BeforeAll
    static void load(@TempDir Path folder) throws Exception {
        System.out.println("AnalyticsTest: seed " + SEED);
        SharedDatabase.Address address = SharedDatabase.address();
        postgres =
                DriverManager.getConnection(address.url(), address.username(), address.password());
        duck = DriverManager.getConnection("jdbc:duckdb:");
        try (Topic topic = Topic.create("metering", 3)) {
            topic.send(EVENTS, 3);
            loadPostgres(topic, SharedDatabase.uniqueSchema());
            loadDuck(topic, folder);
        }
    }

    @AfterAll
    static void close() throws SQLException {
        postgres.close();
        duck.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attempt",
                "spend",
                "daily",
                "waste",
                "escalation",
                "latency",
                "unpriced",
                "under_way_or_lost",
                "in_doubt"
            })
    void bothRecipesFindTheSame(String view) throws SQLException {
        List<List<String>> rows = rows(postgres, view);

        assertThat(rows).as("seed %d: something to compare", SEED).isNotEmpty();
        assertThat(rows(duck, view)).as("seed %d", SEED).isEqualTo(rows);
    }

    /** The greatest version per attempt, added up by neither database. */
    @Test
    void spendIsTheSumOfEachAttemptsLastWord() throws SQLException {
        Map<String, JsonNode> last = MeterReadings.last(EVENTS.stream());
        BigDecimal known = BigDecimal.ZERO;
        BigDecimal atMost = BigDecimal.ZERO;
        for (JsonNode event : last.values()) {
            BigDecimal amount = money(event.at("/cost/amount"));
            known = known.add(amount);
            atMost = atMost.add(amount.max(money(event.at("/cost/upper_bound"))));
        }

        try (Statement statement = postgres.createStatement();
                ResultSet sums =
                        statement.executeQuery(
                                "SELECT sum(known), sum(attempts), sum(at_most) FROM spend")) {
            assertThat(sums.next()).isTrue();
            assertThat(sums.getBigDecimal(1)).isEqualByComparingTo(known);
            assertThat(sums.getLong(2)).isEqualTo(last.size());
            assertThat(sums.getBigDecimal(3)).isEqualByComparingTo(atMost);
        }
    }

    private static BigDecimal money(JsonNode text) {
        return text.isString() ? new BigDecimal(text.asString()) : BigDecimal.ZERO;
    }

    /** All of a topic, and one call that has not ended yet. */
    private static List<byte[]> events() {
        List<byte[]> events = MeterFixture.topic(new Random(SEED), REQUESTS);
        String announced =
                events.stream()
                        .map(each -> new String(each, StandardCharsets.UTF_8))
                        .filter(each -> each.contains("\"evidence\":\"dispatched\""))
                        .findFirst()
                        .orElseThrow();
        String running =
                announced
                        .replaceFirst("\"attempt_id\":\"[^\"]*\"", "\"attempt_id\":\"runs~1\"")
                        .replaceFirst(
                                "\"expires_at\":\"[^\"]*\"",
                                "\"expires_at\":\"2999-01-01T00:00:00.000Z\"");
        return Stream.concat(events.stream(), Stream.of(running.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private static MatchResult typed(Pattern command) throws IOException {
        Matcher typed = command.matcher(Files.readString(Path.of("src/docs/events.md")));
        assertThat(typed.find()).as("the paper shows %s", command).isTrue();
        return typed;
    }

    private static byte[] exported(Topic topic, String arguments) {
        CommandRun run =
                CommandRun.export(
                        CommandRun.brokerWithoutTopics(),
                        Map.of("metering", topic.name()),
                        new StopSignal(),
                        InstantSource.system(),
                        (Object[]) arguments.split(" "));
        assertThat(run.code()).as(run.err()).isZero();
        return run.out().getBytes(StandardCharsets.UTF_8);
    }

    /** One by one and in bulk, and the same again: whatever came before. */
    private static void loadPostgres(Topic topic, String schema) throws SQLException, IOException {
        MatchResult typed = typed(PSQL);
        String recipe = Files.readString(Path.of(typed.group(2)));
        byte[] exported = exported(topic, typed.group(1));
        try (Statement statement = postgres.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
            statement.execute("SET search_path TO " + schema);
        }
        psql(recipe, new byte[0]);
        try (PreparedStatement load = postgres.prepareStatement(loading(recipe))) {
            for (byte[] each : EVENTS.subList(0, EVENTS.size() / 3)) {
                load.setString(1, new String(each, StandardCharsets.UTF_8));
                load.addBatch();
            }
            load.executeBatch();
        }
        psql(recipe, exported);
        psql(recipe, exported);
    }

    /** As psql does with a file: what begins with a backslash it obeys itself. */
    private static void psql(String recipe, byte[] input) throws SQLException, IOException {
        int copy = recipe.indexOf("\\copy");
        int end = recipe.indexOf('\n', copy);
        String command = recipe.substring(copy + 1, end).replace("pstdin", "STDIN");
        try (Statement statement = postgres.createStatement()) {
            statement.execute(recipe.substring(0, copy).replaceAll("(?m)^\\\\set .*$", ""));
            postgres.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(command, new ByteArrayInputStream(input));
            statement.execute(recipe.substring(end));
        }
    }

    /** The statement that the recipe gives in its comments. */
    private static String loading(String recipe) {
        int start = recipe.indexOf("-- INSERT");
        return recipe.substring(start, recipe.indexOf(';', start)).replace("-- ", "");
    }

    private static void loadDuck(Topic topic, Path folder) throws SQLException, IOException {
        MatchResult typed = typed(DUCK);
        Files.createDirectory(folder.resolve("metering"));
        Files.write(folder.resolve(typed.group(2)), exported(topic, typed.group(1)));
        String recipe = Files.readString(Path.of(typed.group(3)));
        try (Statement statement = duck.createStatement()) {
            statement.execute(recipe.replace("metering/*.jsonl", folder + "/metering/*.jsonl"));
        }
    }

    private static List<List<String>> rows(Connection connection, String view) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT * FROM " + view)) {
            int columns = found.getMetaData().getColumnCount();
            while (found.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= columns; column++) {
                    row.add(text(found.getObject(column)));
                }
                rows.add(row);
            }
        }
        rows.sort((one, other) -> one.toString().compareTo(other.toString()));
        return Collections.unmodifiableList(rows);
    }

    /** Numbers and times are the same however a driver shows them. */
    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Timestamp time -> time.toInstant().toString();
            case OffsetDateTime time -> time.toInstant().toString();
            case Number number ->
                    new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
            default -> value.toString();
        };
    }
}
