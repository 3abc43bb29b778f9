package dev.gantry.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.SourcePosition;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What an owner makes of the rows of others, by the clock of the database and its own. */
@Timeout(120)
class StoredHandoverTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private static final SourcePosition HELD = request(1);

    private final Watched watched = new Watched();
    private final AtomicLong clock = new AtomicLong();

    /** Passes as a look begins: it sees all of a moment, or nothing of it. */
    private final AtomicLong passing = new AtomicLong();

    private OwnSchema schema;
    private HandoverTable table;
    private StoredHandover owner;
    private long last = 1;

    @BeforeEach
    void open() throws InterruptedException {
        schema = new OwnSchema(4);
        schema.migrate();
        table = new HandoverTable(schema.pool(), schema.name());
        owner = new StoredHandover(schema.pool(), schema.name(), "owner", clock::get);
        owner.serve(watched);
        table.give(List.of(HELD), "alive");
        watched.held.add(HELD);
    }

    @AfterEach
    void close() {
        owner.close();
        schema.close();
    }

    /** A database that only reads, as one that is failed over to, answers every look. */
    @Test
    void nobodyIsDeadBecauseNoHeartbeatCanBeWritten() throws Exception {
        beat("11 seconds", "owner", "alive");
        owner.start();
        lookFor(12);
        assertThat(watched.released).as("beats cannot be written").isEmpty();

        beat("-1 hour", "owner");
        lookFor(8);
        assertThat(watched.released).as("the other has not come to say that it lives").isEmpty();

        lookFor(4);
        Await.until("its beats are missing alone", () -> watched.released.contains(HELD));
    }

    /** As when all containers of a machine were paused: the owner is the first to wake up. */
    @Test
    void nobodyIsDeadBecauseTheOwnerItselfSlept() throws Exception {
        beat("-1 hour", "owner", "alive");
        owner.start();
        lookFor(12);

        clock.addAndGet(Duration.ofSeconds(11).toNanos()); // first: it also looks by itself
        beat("11 seconds", "alive");
        lookFor(8);
        assertThat(watched.released).as("it has not come to say that it lives").isEmpty();

        lookFor(4);
        Await.until("it has had its time", () -> watched.released.contains(HELD));
    }

    @Test
    void theFirstCommitOfAnOwnerTakesTheRowsOfWhatHadEndedBefore() throws Exception {
        table.give(List.of(request(1), request(2), request(3)), "before");
        owner.start();
        assertThat(owner.above(Map.of(PARTITION, 3L)).get(PARTITION)).hasSize(1);

        owner.passed(Map.of(PARTITION, 3L));

        Await.until("forgotten", () -> schema.count("handover") == 1);
        assertThat(table.own("before")).containsExactly(request(3));
    }

    /** Some seconds pass, with a look every other one; all but the last have come to their end. */
    private void lookFor(int seconds) throws Exception {
        for (int passed = 0; passed < seconds; passed += 2) {
            look();
        }
    }

    /** A look has got as far as the rows once it has found that another request is done. */
    private void look() throws Exception {
        SourcePosition next = request(++last);
        table.give(List.of(next), "alive");
        watched.held.add(next);
        table.done(List.of(next), "alive");
        // Last, since no second look is made at one time: the owner also looks by itself.
        passing.set(Duration.ofSeconds(2).toNanos());
        owner.look();
        Await.until("looked", () -> watched.done.contains(next));
    }

    private void beat(String ago, String... workers) {
        for (String worker : workers) {
            schema.sql(
                            "insert into ${schema}.worker (id, name, version, last_seen)"
                                    + " values (:id, :id, '1', clock_timestamp() - cast(:ago as interval))"
                                    + " on conflict (id) do update set last_seen = excluded.last_seen")
                    .param("id", worker)
                    .param("ago", ago)
                    .update();
        }
    }

    private static SourcePosition request(long offset) {
        return new SourcePosition(PARTITION.topic(), PARTITION.partition(), offset, offset * 10);
    }

    /** The requests of a partition, and what became of them. */
    private final class Watched implements HeldRequests {
        private final Set<SourcePosition> held = ConcurrentHashMap.newKeySet();
        private final Set<SourcePosition> done = ConcurrentHashMap.newKeySet();
        private final Set<SourcePosition> released = ConcurrentHashMap.newKeySet();

        @Override
        public Collection<SourcePosition> heldElsewhere() {
            clock.addAndGet(passing.getAndSet(0));
            return List.copyOf(held);
        }

        @Override
        public void done(SourcePosition request) {
            held.remove(request);
            done.add(request);
        }

        @Override
        public void released(SourcePosition request) {
            held.remove(request);
            released.add(request);
        }
    }
}
