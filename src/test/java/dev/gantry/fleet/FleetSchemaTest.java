package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.SchemaState.Busy;
import dev.gantry.fleet.SchemaState.NotAllowed;
import dev.gantry.fleet.SchemaState.Ready;
import dev.gantry.fleet.SchemaState.Unreachable;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.SharedDatabase;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

@Timeout(120)
class FleetSchemaTest {
    private final HikariDataSource pool = Databases.shared();
    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void migratesTwoSchemasSideBySide() throws InterruptedException {
        SchemaName other = new SchemaName(SharedDatabase.uniqueSchema());

        SchemaState first = new FleetSchema(pool, schema).migrate();
        SchemaState second = new FleetSchema(pool, other).migrate();

        assertThat(first).isEqualTo(second).isInstanceOf(Ready.class);
        assertThat(Databases.tables(pool, schema)).contains("worker", "flyway_schema_history");
        assertThat(Databases.tables(pool, other)).contains("worker", "flyway_schema_history");
    }

    @Test
    void takesAKeywordAsTheNameOfASchema() throws InterruptedException {
        SchemaName keyword = new SchemaName("order");

        assertThat(new FleetSchema(pool, keyword).migrate()).isInstanceOf(Ready.class);
        assertThat(Databases.tables(pool, keyword)).contains("worker");
    }

    @Test
    void findsNothingToDoTheSecondTime() throws InterruptedException {
        new FleetSchema(pool, schema).migrate();

        assertThat(new FleetSchema(pool, schema).migrate()).isEqualTo(new Ready(0));
    }

    @Test
    void letsOneOfFourWorkersMigrate() throws InterruptedException, ExecutionException {
        List<Future<SchemaState>> runs = new ArrayList<>();
        try (HikariDataSource wide = Databases.shared();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            wide.setMaximumPoolSize(16);
            for (int worker = 0; worker < 4; worker++) {
                runs.add(
                        threads.submit(
                                () -> {
                                    FleetSchema each = new FleetSchema(wide, schema);
                                    each.awaitMigrated();
                                    return each.state();
                                }));
            }
        }

        List<Integer> applied = new ArrayList<>();
        for (Future<SchemaState> run : runs) {
            applied.add(((Ready) run.get()).applied());
        }
        assertThat(applied).filteredOn(each -> each > 0).hasSize(1);
    }

    @Test
    void holdsNoConnectionWhileAnotherWorkerMigrates()
            throws InterruptedException, SQLException, ExecutionException {
        try (Connection other = pool.getConnection();
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            other.setAutoCommit(false);
            FleetSchema waiting = new FleetSchema(pool, schema);
            try (Statement statement = other.createStatement()) {
                statement.execute(
                        "select pg_advisory_xact_lock(hashtextextended('gantry.schema.%s', 0))"
                                .formatted(schema));
            }

            Future<SchemaState> run = thread.submit(waiting::migrate);
            await().until(() -> waiting.state() instanceof Busy);
            await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 1);
            other.rollback();

            assertThat(((Ready) run.get()).applied()).isPositive();
        }
    }

    @Test
    void goesOnWithAnUpToDateSchemaThatItMayNotMigrate() throws InterruptedException {
        new FleetSchema(pool, schema).migrate();
        try (HikariDataSource reader = reader(true)) {

            SchemaState state = new FleetSchema(reader, schema).migrate();

            assertThat(state).isEqualTo(new Ready(0));
        }
    }

    @Test
    void waitsForMigrationsThatItMayNotRun() throws InterruptedException {
        try (HikariDataSource reader = reader(false)) {
            FleetSchema restricted = new FleetSchema(reader, schema);

            SchemaState before = restricted.migrate();
            new FleetSchema(pool, schema).migrate();
            grant(reader.getUsername());
            SchemaState after = restricted.migrate();

            assertThat(before).isInstanceOf(NotAllowed.class);
            assertThat(after).isEqualTo(new Ready(0));
        }
    }

    @Test
    void waitsForADatabaseThatComesLate() throws IOException, InterruptedException {
        int port = Ports.free();
        try (HikariDataSource late = absent(port)) {
            FleetSchema absent = new FleetSchema(late, schema);

            SchemaState before = absent.migrate();
            try (EmbeddedPostgres postgres =
                    EmbeddedPostgres.builder()
                            .setPort(port)
                            .setPGStartupWait(DatabaseProcess.START_WITHIN)
                            .start()) {
                absent.awaitMigrated();

                assertThat(before).isInstanceOf(Unreachable.class);
                assertThat(absent.state()).isInstanceOf(Ready.class);
                assertThat(postgres.getPort()).isEqualTo(port);
                assertThat(Databases.tables(late, schema)).contains("worker");
            }
        }
    }

    @Test
    void stopsWaitingWhenInterrupted() throws IOException, InterruptedException {
        try (HikariDataSource absent = absent(Ports.free())) {
            Thread waiter =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            new FleetSchema(absent, schema).awaitMigrated();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    });

            waiter.interrupt();
            waiter.join(50_000);

            assertThat(waiter.isAlive()).isFalse();
        }
    }

    @Test
    void refusesAHistoryThatContradictsThisRelease() throws InterruptedException {
        FleetSchema fleet = new FleetSchema(pool, schema);
        fleet.migrate();
        JdbcClient.create(pool)
                .sql(
                        schema.in(
                                "update ${schema}.flyway_schema_history set checksum = 1"
                                        + " where version = '1'"))
                .update();

        assertThatThrownBy(fleet::migrate)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining(schema.value())
                .hasMessageContaining("checksum");
    }

    @Test
    void goesOnWithASchemaOfANewerRelease() throws InterruptedException {
        FleetSchema fleet = new FleetSchema(pool, schema);
        fleet.migrate();
        JdbcClient.create(pool)
                .sql(
                        schema.in(
                                """
                                insert into ${schema}.flyway_schema_history
                                    (installed_rank, version, description, type, script, checksum,
                                     installed_by, execution_time, success)
                                values (99, '999', 'later', 'SQL', 'V999__later.sql', 7, 'x', 1, true)
                                """))
                .update();

        assertThat(fleet.migrate()).isEqualTo(new Ready(0));
    }

    @Test
    void leavesNoSearchPathInASessionThatAPoolerHandsOn()
            throws SQLException, InterruptedException {
        SearchPathWatch watch = new SearchPathWatch(pool);

        SchemaState state = new FleetSchema(watch, schema).migrate();

        assertThat(state).isInstanceOf(Ready.class);
        assertThat(watch.given()).isGreaterThan(1);
        assertThat(watch.pathsOnReturn()).hasSize(1);
    }

    private static HikariDataSource absent(int port) {
        String url = "jdbc:postgresql://localhost:%d/postgres".formatted(port);
        return Databases.impatient(new SharedDatabase.Address(url, "postgres", "postgres"));
    }

    private HikariDataSource reader(boolean granted) {
        String user = schema.value() + "_reader";
        JdbcClient.create(pool).sql("create user %s password 'reader'".formatted(user)).update();
        if (granted) {
            grant(user);
        }
        return Databases.pool(
                SharedDatabase.address().url().replaceAll("\\?.*", ""), user, "reader");
    }

    private void grant(String user) {
        JdbcClient.create(pool)
                .sql(
                        schema.in(
                                        "grant usage on schema ${schema} to %1$s; grant select, insert,"
                                                + " update, delete on all tables in schema ${schema} to %1$s")
                                .formatted(user))
                .update();
    }
}
