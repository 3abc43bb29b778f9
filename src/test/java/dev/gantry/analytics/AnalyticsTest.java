package dev.gantry.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.MeterFixture;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
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
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Both recipes over one shuffled, duplicated topic: the same rows, and the sums of a third count.
 */
class AnalyticsTest {
    private static final Path FOLDER = Path.of("db/analytics");
    private static final int REQUESTS = 400;
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final List<byte[]> EVENTS = MeterFixture.topic(new Random(SEED), REQUESTS);

    private static Connection postgres;
    private static Connection duck;

    @BeforeAll
    static void load(@TempDir Path folder) throws SQLException, IOException {
        System.out.println("AnalyticsTest: seed " + SEED);
        SharedDatabase.Address address = SharedDatabase.address();
        postgres =
                DriverManager.getConnection(address.url(), address.username(), address.password());
        loadPostgres(SharedDatabase.uniqueSchema());
        duck = DriverManager.getConnection("jdbc:duckdb:");
        loadDuck(folder);
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
                "waste",
                "escalation",
                "latency",
                "unpriced",
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

    private static void loadPostgres(String schema) throws SQLException, IOException {
        String recipe = Files.readString(FOLDER.resolve("postgresql.sql"));
        try (Statement statement = postgres.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
            statement.execute("SET search_path TO " + schema);
            statement.execute(recipe);
        }
        try (PreparedStatement load = postgres.prepareStatement(loading(recipe))) {
            for (byte[] each : EVENTS) {
                load.setString(1, new String(each, StandardCharsets.UTF_8));
                load.addBatch();
            }
            load.executeBatch();
        }
    }

    /** The statement that the recipe gives in its comments. */
    private static String loading(String recipe) {
        int start = recipe.indexOf("-- INSERT");
        return recipe.substring(start, recipe.indexOf(';', start)).replace("-- ", "");
    }

    private static void loadDuck(Path folder) throws SQLException, IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (byte[] each : EVENTS) {
            lines.write(each);
            lines.write('\n');
        }
        Files.write(folder.resolve("all.jsonl"), lines.toByteArray());
        String recipe = Files.readString(FOLDER.resolve("duckdb.sql"));
        try (Statement statement = duck.createStatement()) {
            statement.execute(recipe.replace("metering/*.jsonl", folder + "/*.jsonl"));
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
