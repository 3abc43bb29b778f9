package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.event.OutboundRecord;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SpoolOffices;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Answers and positions outlive their worker, and go when their time is over. */
class KeptTest {
    private static final TopicPartition FIRST = new TopicPartition("requests", 0);
    private static final TopicPartition SECOND = new TopicPartition("requests", 1);

    @AutoClose private final OwnSchema database = new OwnSchema(3);
    private final SpoolAdmin desk =
            new SpoolAdmin(
                    database.pool(),
                    database.name(),
                    SpoolOffices.of(database.pool(), database.name()));

    @BeforeEach
    void migrate() throws InterruptedException {
        database.migrate();
    }

    @Test
    void anAnswerIsKeptByteForByteAndOnce() {
        try (KeptAnswers answers = new KeptAnswers(database.pool(), database.name())) {
            boolean kept = answers.keep("batch_req_1", "b/1", record("{\"grüße\":1}"));
            boolean again = answers.keep("batch_req_1", "b/1", record("{\"other\":2}"));

            assertThat(kept).isTrue();
            assertThat(again).isTrue();
            assertThat(desk.answer("batch_req_1"))
                    .hasValueSatisfying(
                            value -> assertThat(value).isEqualTo(bytes("{\"grüße\":1}")));
            assertThat(desk.answer("batch_req_2")).isEmpty();
        }
    }

    @Test
    void onlyWhatIsOlderThanItsTimeExpires() {
        try (KeptAnswers answers = new KeptAnswers(database.pool(), database.name())) {
            for (int each = 0; each < 50; each++) {
                answers.keep("old" + each, "r", record("{}"));
            }
            age(Duration.ofDays(7).plusMinutes(1));
            answers.keep("new", "r", record("{}"));

            int expired = answers.expire(KeptAnswers.KEPT_FOR);

            assertThat(expired).isEqualTo(50);
            assertThat(desk.answer("new")).isPresent();
        }
    }

    @Test
    void positionsAboveTheWatermarksAreReadWithTheirTimestamps() {
        done(FIRST, 4, 1004);
        done(FIRST, 5, 1005);
        done(SECOND, 1, 2001);

        try (StoredCompletions finished = new StoredCompletions(database.pool(), database.name())) {
            assertThat(finished.above(Map.of(FIRST, 5L)))
                    .isEqualTo(Map.of(FIRST, Map.of(5L, 1005L)));
            assertThat(finished.above(Map.of(FIRST, 0L, SECOND, 0L)))
                    .isEqualTo(
                            Map.of(FIRST, Map.of(4L, 1004L, 5L, 1005L), SECOND, Map.of(1L, 2001L)));
        }
    }

    @Test
    void positionsAreRememberedAndAnotherRecordsStampTakesThePlaceOfTheOldOne() {
        done(FIRST, 4, 1004);

        try (StoredCompletions finished = new StoredCompletions(database.pool(), database.name())) {
            finished.remember(Map.of(FIRST, Map.of(4L, 9004L, 5L, 1005L), SECOND, Map.of()));
            finished.remember(Map.of());

            assertThat(finished.above(Map.of(FIRST, 0L, SECOND, 0L)))
                    .isEqualTo(Map.of(FIRST, Map.of(4L, 9004L, 5L, 1005L)));
        }
    }

    @Test
    void positionsGoOnceTheWatermarkHasPassed() throws Exception {
        done(FIRST, 4, 1004);
        done(FIRST, 5, 1005);
        done(SECOND, 1, 2001);

        try (StoredCompletions finished =
                new StoredCompletions(database.pool(), database.name(), Duration.ofMillis(20))) {
            finished.start();
            finished.passed(Map.of(FIRST, 5L));

            Await.until("forgotten", () -> !positions().contains("requests-0@4"));
            assertThat(positions()).containsExactly("requests-0@5", "requests-1@1");
        }
    }

    @Test
    void withoutItsTableNothingIsKeptAndItIsSaid() {
        database.close();
        try (KeptAnswers answers = new KeptAnswers(database.pool(), database.name())) {
            assertThatThrownBy(() -> answers.keep("id", "r", record("{}")))
                    .isInstanceOf(DataAccessException.class);
        }
    }

    private List<String> positions() {
        return database.sql("select * from ${schema}.spool_done order by topic, part, position")
                .query(
                        (row, _) ->
                                "%s-%d@%d"
                                        .formatted(
                                                row.getString("topic"),
                                                row.getInt("part"),
                                                row.getLong("position")))
                .list();
    }

    private void done(TopicPartition partition, long position, long stamp) {
        database.sql(
                        """
                                insert into ${schema}.spool_done (topic, part, position, stamp)
                                values (?, ?, ?, ?)
                                """)
                .params(partition.topic(), partition.partition(), position, stamp)
                .update();
    }

    private void age(Duration by) {
        database.sql(
                        """
                                update ${schema}.oversize_result
                                set created_at = created_at - make_interval(secs => ?)
                                """)
                .param(by.toSeconds())
                .update();
    }

    private static OutboundRecord record(String value) {
        return new OutboundRecord(
                "results",
                bytes("r"),
                List.of(new RecordHeader("ce_id", bytes("x")), new RecordHeader("none", null)),
                bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
