package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.SqlTrouble.Kind;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class SqlTroubleTest {
    @ParameterizedTest
    @CsvSource({
        "08001, UNREACHABLE",
        "28P01, UNREACHABLE",
        "3D000, UNREACHABLE",
        "53300, UNREACHABLE",
        "57P01, UNREACHABLE",
        "57P03, UNREACHABLE",
        "42501, NOT_ALLOWED",
        "25006, REFUSED",
        "25P03, REFUSED",
        "25P04, REFUSED",
        "40001, REFUSED",
        "40P01, REFUSED",
        "42P06, REFUSED",
        "53100, REFUSED",
        "53200, REFUSED",
        "54000, REFUSED",
        "55006, REFUSED",
        "55P03, REFUSED",
        "57014, REFUSED",
        "58030, REFUSED",
        "72000, REFUSED",
        "XX000, REFUSED",
        "0A000, FAULT",
        "22P05, FAULT",
        "23505, FAULT",
        "25001, FAULT",
        "42601, FAULT",
        "42P01, FAULT",
        "P0001, FAULT",
    })
    void tellsWhatPassesFromWhatDoesNot(String state, Kind kind) {
        RuntimeException wrapped =
                new IllegalStateException("while migrating", new SQLException("said", state));

        assertThat(SqlTrouble.of(wrapped)).isEqualTo(new SqlTrouble(kind, "said"));
    }

    @Test
    void waitsForAPoolThatHasNoConnectionLeft() {
        assertThat(SqlTrouble.of(new SQLTransientConnectionException("timed out")).kind())
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void saysWhatTheTroubleCameFrom() {
        SQLException away =
                new SQLException(
                        "The connection attempt failed.\nDetail: secret",
                        "08001",
                        new UnknownHostException("db.invalid"));

        assertThat(SqlTrouble.sentence(away))
                .isEqualTo(
                        "the database does not answer: The connection attempt failed."
                                + " (UnknownHostException: db.invalid)");
        assertThat(SqlTrouble.sentence(new SQLException("ERROR: no", "25006")))
                .isEqualTo("the database refuses: ERROR: no");
        assertThat(SqlTrouble.sentence(new SQLException("ERROR: no\n  Detail: a row", "23514")))
                .isEqualTo("the database refuses: ERROR: no");
        assertThat(SqlTrouble.sentence(new IllegalStateException("a bug\nof ours")))
                .isEqualTo("java.lang.IllegalStateException: a bug");
    }

    /** The second of two creators waits for the first, and hears of an index. */
    @Test
    @Timeout(120)
    void takesALostRaceForASchemaForOneThatPasses() throws Exception {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        String create = "create schema \"%s\"".formatted(schema.value());
        try (HikariDataSource pool = Databases.shared();
                Connection first = pool.getConnection();
                Statement creating = first.createStatement()) {
            JdbcClient jdbc = JdbcClient.create(pool);
            first.setAutoCommit(false);
            creating.execute(create);
            CompletableFuture<Throwable> second =
                    CompletableFuture.supplyAsync(
                            () -> catchThrowable(() -> jdbc.sql(create).update()),
                            Thread::startVirtualThread);
            Await.until("it waits", () -> waits(jdbc, create));
            first.commit();

            Throwable lost = second.get(60, TimeUnit.SECONDS);

            assertThat(lost).hasStackTraceContaining("pg_namespace_nspname_index");
            assertThat(SqlTrouble.of(lost).kind()).isEqualTo(Kind.REFUSED);
        }
    }

    private static boolean waits(JdbcClient jdbc, String statement) {
        return jdbc.sql(
                        "select exists (select from pg_stat_activity"
                                + " where query = :statement and wait_event_type = 'Lock')")
                .param("statement", statement)
                .query(Boolean.class)
                .single();
    }
}
