package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.OutboundRecord;
import dev.gantry.fleet.ShortConnections;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.outbox.SpoolSender.Landing;
import dev.gantry.testbed.Await;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

/** Lots against a real database; the client's mock answers as the test wants. */
@Timeout(120)
class SpoolLotsTest {
    /** What a client waits for that is in a hurry, and some more. */
    private static final Duration LONG = Duration.ofMillis(2_300);

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

    private SpoolFixture fixture;

    @BeforeEach
    void open() throws InterruptedException {
        fixture = SpoolFixture.shared();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /** As while dead rows are passed that somebody's snapshot holds. */
    @Test
    void waitsForWhatMayBeFarAndLeavesNothingRunningOfWhatIsNear() throws Exception {
        fill("1");
        SpoolLots lots = lots(Duration.ofSeconds(60));
        try (Connection other = locked("lock table ${schema}.spool in access exclusive mode")) {
            CompletableFuture<SpoolTable.Front> front =
                    CompletableFuture.supplyAsync(lots::front, Thread::startVirtualThread);
            CompletableFuture<Landing> unknown =
                    CompletableFuture.supplyAsync(
                            () -> lots.move("results", 0, 9), Thread::startVirtualThread);
            long begun = System.nanoTime();

            Await.until(
                    "ended by the database itself",
                    () -> trouble(lots(Duration.ofSeconds(60))).contains("statement timeout"));
            Await.until("it took long", () -> System.nanoTime() - begun > LONG.toNanos());
            assertThat(front).isNotDone();
            assertThat(unknown).isNotDone();
            other.commit();

            assertThat(front.get(60, TimeUnit.SECONDS).heads()).hasSize(1);
            Await.until("sent", () -> producer.completeNext());
            assertThat(unknown.get(60, TimeUnit.SECONDS).landed()).hasSize(1);
        }
    }

    /** What failed for want of time has it the next time, wherever it begins. */
    @Test
    void hasPatienceWithTheLotThatFollowsAFailure() throws Exception {
        fill("1", "2");
        SpoolLots lots = lots(Duration.ofSeconds(60));
        try (Connection other = locked("lock table ${schema}.spool in access exclusive mode")) {
            assertThatThrownBy(() -> lots.move("results", 1, 9)).isInstanceOf(Exception.class);
            long begun = System.nanoTime();
            CompletableFuture<Landing> next =
                    CompletableFuture.supplyAsync(
                            () -> lots.move("results", 1, 9), Thread::startVirtualThread);
            Await.until("it took long", () -> System.nanoTime() - begun > LONG.toNanos());
            assertThat(next).isNotDone();
            other.commit();

            Await.until("sent", () -> producer.completeNext());
            assertThat(next.get(60, TimeUnit.SECONDS).landed()).hasSize(1);
        }
    }

    /** One partition without a leader: no word of its records for longer than a lot may last. */
    @Test
    void deletesWhatHasLandedThoughOthersStayUnanswered() throws Exception {
        fill("1", "2", "3");
        MockProducer<byte[], byte[]> leaderless =
                new MockProducer<>(
                        false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized Future<RecordMetadata> send(
                            ProducerRecord<byte[], byte[]> record, Callback callback) {
                        Future<RecordMetadata> sent = super.send(record, callback);
                        if (history().size() < 3) {
                            completeNext();
                        }
                        return sent;
                    }
                };

        Landing landing = lots(leaderless, Duration.ofSeconds(3)).move("results", 0, 9);

        assertThat(landing.landed()).hasSize(2);
        assertThat(landing.failure()).as("so that it is stepped past").contains("no word");
        assertThat(fixture.rows()).isEqualTo(1);
        assertThat(fixture.counted()).isTrue();
        assertThat(leaderless.history()).as("sent once").hasSize(3);
    }

    /** Another worker has the oldest row; the damaged one is the next. */
    @Test
    void setsAsideNoOtherRowThanTheOneThatFails() throws Exception {
        fill("1", "2", "3");
        fixture.sql("update ${schema}.spool set headers = '\\x00' where key = '2'").update();
        try (Connection other =
                locked("select id from ${schema}.spool where key = '1' for update")) {
            Landing landing = lots(Duration.ofSeconds(60)).move("results", 0, 9);

            assertThat(landing.refused()).hasSize(1);
            other.rollback();
        }
        assertThat(asideKeys()).containsExactly("2");
    }

    /** The database itself fails at it, in the middle of the transaction. */
    @Test
    void setsAsideWhatTheDatabaseRefusesToDelete() throws SQLException {
        fill("1", "2");
        execute(
                """
                create function ${schema}.refuse() returns trigger language plpgsql as
                $$ begin raise exception 'this one stays'; end $$;
                create trigger refuse before delete on ${schema}.spool
                for each row when (old.key = '2') execute function ${schema}.refuse();
                """);
        MockProducer<byte[], byte[]> quick =
                new MockProducer<>(
                        true, null, new ByteArraySerializer(), new ByteArraySerializer());
        SpoolLots lots = lots(quick, Duration.ofSeconds(60));

        assertThat(lots.move("results", 0, 9).landed()).hasSize(1);
        Landing landing = lots.move("results", 1, 9);

        assertThat(landing.refused().values())
                .singleElement()
                .asString()
                .contains("this one stays");
        assertThat(asideKeys()).containsExactly("2");
        assertThat(fixture.counted()).isTrue();
    }

    private static String trouble(SpoolLots lots) {
        return SqlTrouble.of(catchThrowable(() -> lots.move("results", 1, 9))).reason();
    }

    private SpoolLots lots(Duration within) {
        return lots(producer, within);
    }

    private SpoolLots lots(MockProducer<byte[], byte[]> through, Duration within) {
        DataSource connections = new ShortConnections(fixture.dataSource());
        RetryQueue retries =
                new RetryQueue(
                        new Backoff(Duration.ofMillis(1), Duration.ofMillis(8)),
                        InstantSource.system());
        return new SpoolLots(
                new SpoolTable(connections, fixture.schema(), "w"),
                new SpoolSender(new RenewableProducer(() -> through), retries),
                connections,
                within);
    }

    private void fill(String... keys) {
        fixture.table()
                .write(
                        List.of(keys).stream()
                                .map(each -> each.getBytes(StandardCharsets.UTF_8))
                                .map(each -> new OutboundRecord("results", each, List.of(), each))
                                .map(each -> new SpoolEntry(UUID.randomUUID(), each, null))
                                .toList(),
                        List.of());
    }

    private List<String> asideKeys() {
        return fixture.sql(
                        "select convert_from(key, 'UTF8') from ${schema}.spool"
                                + " where set_aside is not null")
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** A transaction of somebody else's, open. */
    private Connection locked(String statement) throws SQLException {
        Connection connection = fixture.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement locking = connection.createStatement()) {
            locking.execute(fixture.schema().in(statement));
        }
        return connection;
    }

    private void execute(String script) throws SQLException {
        try (Connection connection = fixture.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(fixture.schema().in(script));
        }
    }
}
