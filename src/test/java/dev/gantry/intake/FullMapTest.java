package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.outbox.StoredCompletions;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** However many requests of a partition wait and in whatever pattern, nothing done is repeated. */
class FullMapTest {
    private static final int REQUESTS = 60_000;
    private static final long SEED = new Random().nextLong();

    /** Neighbouring seeds give alike numbers. */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    @AutoClose private final OwnSchema database = new OwnSchema(3);

    @BeforeEach
    void migrate() throws InterruptedException {
        database.migrate();
    }

    @ParameterizedTest(name = "{0}, in the table: {1}")
    @CsvSource({"random, true", "halves, false"})
    void cleanRestartsRepeatNothing(String pattern, boolean inTheTable) throws Exception {
        String group = SharedBroker.unique("full");
        Predicate<String> waits = waits(pattern);
        CountedWork work = new CountedWork();
        work.hold(waits);
        try (Topic topic = Topic.create("full", 1);
                StoredCompletions finished =
                        new StoredCompletions(database.pool(), database.name())) {
            finished.start();
            topic.send(RequestLines.bare("", REQUESTS), 1);
            Member first = join(finished, topic, group, work);
            Await.until("all in hand", () -> work.done("") + work.heldCount() == REQUESTS);
            first.leave();
            assertThat(database.count("spool_done") > 0).isEqualTo(inTheTable);

            CountedWork second = new CountedWork();
            second.hold(waits);
            Member next = join(finished, topic, group, second);
            Await.until("what waits is in hand", () -> second.heldCount() == work.heldCount());
            second.release();
            Await.until("all is committed", () -> topic.committed(group, 0).offset() == REQUESTS);

            assertThat(second.done("")).isEqualTo(work.heldCount());
            assertThat(second.repeated()).isEmpty();
            next.leave();
        }
        Await.until("no position stays", () -> database.count("spool_done") == 0);
    }

    private static Predicate<String> waits(String pattern) {
        return switch (pattern) {
            case "halves" -> id -> Integer.parseInt(id) < REQUESTS / 2;
            case "random" -> id -> new Random(SEED ^ id.hashCode() * MIX).nextBoolean();
            default -> throw new IllegalArgumentException(pattern);
        };
    }

    private static Member join(
            CompletedOffsets completed, Topic topic, String group, CountedWork work) {
        return Member.joinWith(completed, REQUESTS, topic.name(), group, work, Map.of());
    }
}
