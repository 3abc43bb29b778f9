package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.OutboundRecord;
import dev.gantry.testbed.SpoolOffices;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Rows that give trouble keep no others; the database is real, and the client's mock answers. */
class SpoolTroubleTest {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(1), Duration.ofMillis(8));

    private static final String FILL =
            """
            with filled as (
                insert into ${schema}.spool (topic, key, value, bytes)
                select 'results', convert_to(each::text, 'UTF8'), 'x', 2
                from generate_series(1, :rows) as each returning bytes)
            update ${schema}.spool_size
            set records = records + (select count(*) from filled),
                bytes = bytes + (select sum(filled.bytes) from filled)
            where shard = 0
            """;

    private final List<String> safe = new CopyOnWriteArrayList<>();

    private SpoolFixture fixture;
    private MockProducer<byte[], byte[]> producer;

    @BeforeEach
    void open() throws InterruptedException {
        fixture = SpoolFixture.shared();
        producer = producer(true);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aDamagedRowIsSetAsideAndAllOthersGo() {
        fill(50);
        fixture.sql("update ${schema}.spool set headers = '\\x7fffffff' where key in ('7', '23')")
                .update();
        fixture.sql("update ${schema}.spool set headers = '\\x00' where key = '50'").update();

        try (Publisher publisher = publisher()) {
            soon().until(() -> producer.history().size() == 47);
            soon().until(() -> publisher.spool().poison() == 3);
        }

        assertThat(keys()).doesNotContain("7", "23", "50").doesNotHaveDuplicates();
        assertThat(reasons()).hasSize(3).allMatch(reason -> reason.contains("damaged"));
        assertThat(fixture.rows()).isEqualTo(3);
        assertThat(fixture.counted()).isTrue();
    }

    /** The id is older than what is published already; it must not be passed over for ever. */
    @Test
    void aRowThatIsCommittedLateIsPublishedToo() throws SQLException {
        try (Publisher _ = publisher();
                Connection late = fixture.dataSource().getConnection();
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute(
                    fixture.schema()
                            .in(
                                    "insert into ${schema}.spool (topic, key, value, bytes)"
                                            + " values ('results', 'late', 'x', 5)"));
            fill(20);
            soon().until(() -> producer.history().size() == 20);

            late.commit();

            soon().until(() -> keys().contains("late"));
        }
    }

    /** The broker's words are foreign: PostgreSQL takes no NUL in a text. */
    @Test
    void aReasonThatNoTextTakesKeepsNobody() {
        producer = producer(false);
        try (Publisher publisher = publisher()) {
            publisher.send(record("bad"), () -> safe.add("bad"));
            producer.errorNext(new InvalidRecordException("refused \0 by \ud800 the broker"));
            soon().until(() -> safe.contains("bad"));
            fill(1);
            soon().until(() -> producer.errorNext(new InvalidRecordException("also \0 refused")));
            soon().until(() -> publisher.spool().poison() == 2);
        }

        assertThat(reasons())
                .hasSize(2)
                .anyMatch(reason -> reason.contains("refused   by   the broker"))
                .anyMatch(reason -> reason.contains("also   refused"));
    }

    /** What the database refuses for ever waits in memory, and keeps none of its company. */
    @Test
    void aRecordThatCannotBeWrittenKeepsNobody() throws SQLException {
        producer = producer(false);
        fixture.sql("alter table ${schema}.spool add constraint fussy check (key <> 'bad')")
                .update();
        try (Publisher publisher = publisher();
                Connection other = fixture.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(fixture.schema().in("lock table ${schema}.spool in exclusive mode"));
            for (String each : List.of("1", "2", "3", "bad", "4", "5", "6", "7")) {
                publisher.send(record(each), () -> safe.add(each));
                soon().until(() -> producer.errorNext(new InvalidRecordException("refused")));
            }
            other.commit(); // what has come meanwhile is one batch

            soon().until(() -> safe.size() == 7);
            assertThat(safe).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7");
            fixture.sql("alter table ${schema}.spool drop constraint fussy").update();
            soon().until(() -> safe.contains("bad"));
        }
        assertThat(fixture.rows()).isEqualTo(8);
        assertThat(fixture.counted()).isTrue();
    }

    @Test
    void aDropTellsTheAuditThroughTheSpoolAndCountsRight() {
        fill(2);
        fixture.sql("update ${schema}.spool set set_aside = 'too large' where key = '1'").update();
        long id =
                fixture.sql("select id from ${schema}.spool where set_aside is not null")
                        .query(Long.class)
                        .single();
        SpoolRepair admin = SpoolOffices.of(fixture.dataSource(), fixture.schema());

        assertThat(admin.drop(-1, "none", "jo")).isEmpty();
        assertThat(admin.drop(id, "of no use", "jo")).isPresent();
        assertThat(admin.drop(id, "of no use", "jo")).isEmpty();

        assertThat(fixture.counted()).isTrue();
        try (Publisher _ = publisher()) {
            soon().until(() -> producer.history().size() == 2);
        }
        assertThat(producer.history())
                .filteredOn(each -> each.topic().equals("gantry.audit"))
                .singleElement()
                .satisfies(
                        each ->
                                assertThat(new String(each.value(), StandardCharsets.UTF_8))
                                        .contains(
                                                "\"action\":\"drop\"",
                                                "\"target\":\"spool:" + id + "\"",
                                                "\"actor\":\"jo\"",
                                                "\"reason\":\"of no use\"",
                                                "\"topic\":\"results\"",
                                                "\"set_aside\":\"too large\""));
    }

    @Test
    void aRecountSetsRightWhatHasDrifted() {
        fill(5);
        fixture.sql("delete from ${schema}.spool where key in ('1', '2')").update();
        SpoolRepair admin = SpoolOffices.of(fixture.dataSource(), fixture.schema());

        SpoolRepair.Count drifted = admin.recount();

        assertThat(drifted).isEqualTo(new SpoolRepair.Count(3, 6, -2, -4));
        assertThat(fixture.counted()).isTrue();
        assertThat(admin.recount()).isEqualTo(new SpoolRepair.Count(3, 6, 0, 0));
    }

    private void fill(int rows) {
        fixture.sql(FILL).param("rows", rows).update();
    }

    private Publisher publisher() {
        Publisher publisher =
                new Publisher(() -> producer, QUICK, fixture.settings(), SpoolFixture.CLOCK);
        publisher.startSpooling();
        return publisher;
    }

    private static MockProducer<byte[], byte[]> producer(boolean answersAtOnce) {
        return new MockProducer<>(
                answersAtOnce, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private List<String> keys() {
        return producer.history().stream()
                .map(each -> new String(each.key(), StandardCharsets.UTF_8))
                .toList();
    }

    private List<String> reasons() {
        return fixture.sql("select set_aside from ${schema}.spool where set_aside is not null")
                .query((row, _) -> row.getString(1))
                .list();
    }

    private static OutboundRecord record(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return new OutboundRecord("results", bytes, List.of(), bytes);
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(5));
    }
}
