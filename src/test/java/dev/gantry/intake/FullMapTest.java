package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.outbox.StoredCompletions;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.Topic;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** However many requests of a partition wait and in whatever pattern, nothing done is repeated. */
class FullMapTest {
    private static final int REQUESTS = 60_000;
    private static final long SEED = new Random().nextLong();

    /** Neighbouring seeds give alike numbers. */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final HikariDataSource pool = pool();
    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());

    private static HikariDataSource pool() {
        SharedDatabase.Address address = SharedDatabase.address();
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(address.url());
        pool.setUsername(address.username());
        pool.setPassword(address.password());
        pool.setMaximumPoolSize(3);
        return pool;
    }

    @BeforeEach
    void migrate() throws InterruptedException {
        new FleetSchema(pool, schema).migrate();
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @ParameterizedTest(name = "{0}, in the table: {1}")
    @CsvSource({"random, true", "halves, false"})
    void cleanRestartsRepeatNothing(String pattern, boolean inTheTable) throws Exception {
        String group = SharedBroker.unique("full");
        Predicate<String> waits = waits(pattern);
        CountedWork work = new CountedWork();
        work.hold(waits);
        try (Topic topic = Topic.create("full", 1);
                StoredCompletions finished = new StoredCompletions(pool, schema)) {
            finished.start();
            topic.send(requests(), 1);
            Member first = join(finished, topic, group, work);
            Await.until("all in hand", () -> work.done("") + work.heldCount() == REQUESTS);
            first.leave();
            assertThat(rows() > 0).isEqualTo(inTheTable);

            CountedWork second = new CountedWork();
            second.hold(waits);
            Member next = join(finished, topic, group, second);
            Await.until("what waits is in hand", () -> second.heldCount() == work.heldCount());
            second.release();
            Await.until("all is committed", () -> committed(topic, group) == REQUESTS);

            assertThat(second.done("")).isEqualTo(work.heldCount());
            assertThat(second.repeated()).isEmpty();
            next.leave();
        }
        assertThat(rows()).isZero();
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

    private static long committed(Topic topic, String group) throws Exception {
        return topic.committed(group).values().iterator().next().offset();
    }

    private long rows() {
        return JdbcClient.create(pool)
                .sql(schema.in("select count(*) from ${schema}.spool_done"))
                .query(Long.class)
                .single();
    }

    private static List<byte[]> requests() {
        List<byte[]> requests = new ArrayList<>();
        for (int each = 0; each < REQUESTS; each++) {
            requests.add(
                    "{\"custom_id\":\"%d\",\"body\":{\"model\":\"m\"}}"
                            .formatted(each)
                            .getBytes(StandardCharsets.UTF_8));
        }
        return requests;
    }
}
