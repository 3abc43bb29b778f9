package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(240)
class WorkerHeartbeatTest {
    private final WorkerName worker = WorkerName.of("w");

    @Test
    void showsALiveWorkerAndTakesItAwayWhenItStops() throws InterruptedException {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        try (HikariDataSource pool = Databases.shared()) {
            new FleetSchema(pool, schema).migrate();
            WorkerHeartbeat heartbeat =
                    new WorkerHeartbeat(pool, schema, worker, "0.1.0", List::of);

            heartbeat.start();
            await().until(heartbeat::heard);
            FleetMember seen = heartbeat.liveWorkers().getFirst();
            heartbeat.close();

            assertThat(seen.id()).startsWith("w-").hasSize(10);
            assertThat(seen.version()).isEqualTo("0.1.0");
            assertThat(heartbeat.liveWorkers()).isEmpty();
        }
    }

    @Test
    void saysWhyItIsNotHeard() throws InterruptedException {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        try (HikariDataSource pool = Databases.shared();
                WorkerHeartbeat heartbeat =
                        new WorkerHeartbeat(pool, schema, worker, "0.1.0", List::of)) {
            assertThat(heartbeat.trouble()).isNull();
            heartbeat.start();
            await().until(() -> heartbeat.trouble() != null);

            assertThat(heartbeat.trouble())
                    .returns("the database refuses", SqlTrouble::verdict)
                    .extracting(SqlTrouble::reason)
                    .asString()
                    .contains("worker\" does not exist");
            new FleetSchema(pool, schema).migrate();
            await().until(heartbeat::heard);
            assertThat(heartbeat.trouble()).isNull();
        }
    }

    @Test
    void stoppingBeforeTheDatabaseWasReachedIsQuiet() {
        try (HikariDataSource pool = Databases.shared()) {
            WorkerHeartbeat heartbeat =
                    new WorkerHeartbeat(pool, new SchemaName("absent"), worker, "0.1.0", List::of);

            heartbeat.close();

            assertThat(heartbeat.heard()).isFalse();
        }
    }

    @Test
    void takesAWorkerForDeadAfterTenSeconds() throws InterruptedException {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        try (HikariDataSource pool = Databases.shared()) {
            new FleetSchema(pool, schema).migrate();
            WorkerTable table = new WorkerTable(pool, schema);
            WorkerName silent = WorkerName.of("silent");
            table.beat(worker, "1", null);
            table.beat(silent, "1", null);

            age(pool, schema, silent, 11);

            assertThat(table.live()).extracting(FleetMember::id).containsExactly(worker.id());
        }
    }

    @Test
    void sweepsOnlyTheLongDeadAndBringsASweptWorkerBack() throws InterruptedException {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        try (HikariDataSource pool = Databases.shared()) {
            new FleetSchema(pool, schema).migrate();
            WorkerTable table = new WorkerTable(pool, schema);
            table.beat(worker, "1", null);
            age(pool, schema, worker, 3_500);

            int early = table.sweep(WorkerTable.SWEPT_AFTER);
            age(pool, schema, worker, 3_700);
            int late = table.sweep(WorkerTable.SWEPT_AFTER);
            table.beat(worker, "1", null);

            assertThat(early).isZero();
            assertThat(late).isEqualTo(1);
            assertThat(table.live()).hasSize(1);
        }
    }

    @Test
    void recordsItsLanesAsTheyChangeAndAgainAfterASweep() throws InterruptedException {
        SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
        AtomicReference<List<RecordedLane>> offered =
                new AtomicReference<>(
                        List.of(new RecordedLane("local:a:b:inference:c", 1, 0, 0, null)));
        try (HikariDataSource pool = Databases.shared();
                WorkerHeartbeat heartbeat =
                        new WorkerHeartbeat(pool, schema, worker, "1", offered::get)) {
            new FleetSchema(pool, schema).migrate();
            RecordedLanes lanes = new RecordedLanes(pool, schema);
            heartbeat.start();
            await().until(() -> lanes.read().containsAll(offered.get()));

            offered.set(List.of(new RecordedLane("local:a:b:inference:d", 1, 2, 3, 0.5)));
            await().until(() -> List.copyOf(lanes.read()).equals(offered.get()));
            JdbcClient.create(pool).sql(schema.in("delete from ${schema}.worker")).update();
            await().until(() -> List.copyOf(lanes.read()).equals(offered.get()));

            assertThat(lanes.models()).isEqualTo(Map.of("a:b", List.of("d")));
            assertThat(RecordedLane.read("[{\"lane\": \"x\", \"waiting\": 7}]", false))
                    .containsExactly(new RecordedLane("x", 0, 0, 0, null));
        }
    }

    @Test
    void survivesARestartOfTheDatabase() throws IOException, InterruptedException {
        SchemaName schema = new SchemaName("gantry");
        try (DatabaseProcess database = DatabaseProcess.start();
                HikariDataSource pool = Databases.impatient(database.address());
                WorkerHeartbeat heartbeat =
                        new WorkerHeartbeat(pool, schema, worker, "0.1.0", List::of)) {
            new FleetSchema(pool, schema).awaitMigrated();
            heartbeat.start();
            await().until(heartbeat::heard);

            database.stop();
            await().until(() -> !heartbeat.heard());
            database.startAgain();
            await().until(heartbeat::heard);

            try (HikariDataSource other = Databases.pool(database.address())) {
                assertThat(new WorkerTable(other, schema).live()).hasSize(1);
            }
        }
    }

    @Test
    void givesEveryProcessItsOwnId() throws InterruptedException {
        assertThat(WorkerName.of("w").id()).isNotEqualTo(WorkerName.of("w").id());
        assertThat(WorkerName.of("").name()).isNotBlank();
    }

    private static void age(
            HikariDataSource pool, SchemaName schema, WorkerName worker, int seconds) {
        JdbcClient.create(pool)
                .sql(
                        schema.in(
                                """
                                update ${schema}.worker
                                set last_seen = clock_timestamp() - make_interval(secs => :seconds)
                                where id = :id
                                """))
                .param("seconds", seconds)
                .param("id", worker.id())
                .update();
    }
}
