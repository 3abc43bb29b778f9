package dev.gantry.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.CircuitFeed;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.SourcePosition;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.Settings;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the rows say of whom, and which of them go. */
class HandoverTableTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private static OwnSchema schema;
    private static HandoverTable table;

    @BeforeAll
    static void migrate() throws InterruptedException {
        schema = new OwnSchema(4);
        schema.migrate();
        table = new HandoverTable(schema.pool(), schema.name());
    }

    @AfterAll
    static void close() {
        schema.close();
    }

    @AfterEach
    void clear() {
        schema.sql("truncate ${schema}.handover, ${schema}.worker").update();
    }

    @Test
    void aWorkerIsSilentOnceItsHeartbeatIsTenSecondsOld() throws Exception {
        heard("late", "11 seconds");
        table.give(List.of(request(1)), "alive");
        table.give(List.of(request(2)), "late");
        table.give(List.of(request(3)), "gone");

        Await.until(
                "it is looked within nine seconds of its beat",
                () -> {
                    heard("alive", "1 second");
                    return table.above(Map.of(PARTITION, 0L))
                            .contains(new HandoverRow(request(1), "alive", false, false));
                });
        assertThat(table.above(Map.of(PARTITION, 2L)))
                .containsExactlyInAnyOrder(
                        new HandoverRow(request(2), "late", false, true),
                        new HandoverRow(request(3), "gone", false, true));
    }

    @Test
    void onlyItsOwnWorkerEndsARequestAndWhatIsDoneIsNotGivenUp() {
        table.give(List.of(request(1), request(2)), "one");
        table.done(List.of(request(1)), "other");
        assertThat(table.giveUp(List.of(request(1)), "other")).isEmpty();
        table.done(List.of(request(1)), "one");

        assertThat(table.giveUp(List.of(request(1), request(2)), "one"))
                .containsExactly(request(2));

        assertThat(table.above(Map.of(PARTITION, 0L)))
                .containsExactly(new HandoverRow(request(1), "one", true, true));
    }

    @Test
    void theOneWhoGaveItLastWorksOnItAndWhatIsDoneStaysDone() {
        table.give(List.of(request(1), request(2)), "one");
        table.done(List.of(request(2)), "one");

        table.give(List.of(request(1), request(2)), "two");

        assertThat(table.above(Map.of(PARTITION, 0L)))
                .containsExactlyInAnyOrder(
                        new HandoverRow(request(1), "two", false, true),
                        new HandoverRow(request(2), "two", true, true));
        assertThat(table.own("two")).containsExactly(request(1));
        assertThat(table.own("one")).isEmpty();
    }

    @Test
    void anotherRecordAtTheSameOffsetIsAnotherRequest() {
        SourcePosition other = new SourcePosition("requests", 0, 1, 99);
        table.give(List.of(request(1), other), "one");

        table.done(List.of(other), "one");

        assertThat(table.own("one")).containsExactly(request(1));
    }

    @Test
    void whatTheWatermarkHasPassedIsForgotten() {
        table.give(List.of(request(1), request(2)), "one");

        table.forget(Map.of(PARTITION, 2L));

        assertThat(table.own("one")).containsExactly(request(2));
    }

    @Test
    void ofTwoRecordsAtOneOffsetTheLaterOneIsReadLast() {
        SourcePosition later = new SourcePosition("requests", 0, 1, 99);
        table.give(List.of(later, request(1)), "one");

        assertThat(table.above(Map.of(PARTITION, 0L)))
                .extracting(HandoverRow::request)
                .containsExactly(request(1), later);
    }

    @Test
    void afterAMonthRowsOfTheDeadAndWhatIsDoneAreSwept() throws Exception {
        heard("alive", "-1 hour");
        table.give(List.of(request(1), request(2)), "alive");
        table.done(List.of(request(2)), "alive");
        table.give(List.of(request(3)), "dead");
        older("31 days");
        table.give(List.of(request(4)), "alive");
        table.done(List.of(request(4)), "alive");
        older("29 days");
        table.give(List.of(request(5)), "dead");

        try (var handover = new StoredHandover(schema.pool(), schema.name(), "x", () -> 0)) {
            handover.start();
            Await.until("swept", () -> schema.count("handover") == 3);
        }

        assertThat(table.own("alive")).containsExactly(request(1));
        assertThat(table.own("dead")).containsExactly(request(5));
        assertThat(table.above(Map.of(PARTITION, 4L)))
                .as("ended after the fleet had stopped, four weeks ago")
                .contains(new HandoverRow(request(4), "alive", true, false));
    }

    @Test
    void anEndIsHeardOnTheConnectionThatListensToCircuits() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (Circuits circuits =
                Circuits.shared(
                        Settings.shipped(CircuitSettings.class),
                        List.of(),
                        WorkerName.of("listener"),
                        schema.pool(),
                        new DatabaseSettings(schema.name(), null),
                        InstantSource.system())) {
            circuits.hear(HandoverTable.CHANNEL, heard::add);
            circuits.start();
            Await.until(
                    "it listens", () -> circuits.status().source() == CircuitFeed.Source.NOTIFY);

            table.tell();

            Await.until("heard", () -> heard.contains(schema.name().value()));
        }
    }

    private void older(String by) {
        schema.sql("update ${schema}.handover set given_at = given_at - cast(:by as interval)")
                .param("by", by)
                .update();
    }

    private void heard(String worker, String ago) {
        schema.sql(
                        "insert into ${schema}.worker (id, name, version, last_seen)"
                                + " values (:id, :id, '1', clock_timestamp() - cast(:ago as interval))"
                                + " on conflict (id) do update set last_seen = excluded.last_seen")
                .param("id", worker)
                .param("ago", ago)
                .update();
    }

    private static SourcePosition request(long offset) {
        return new SourcePosition("requests", 0, offset, offset * 10);
    }
}
