package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.handover.StoredHandover;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;
import dev.gantry.worker.RequestHandler;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Partitions move at once, and what has begun in them is worked on by the one who began it. */
@Timeout(180)
class HandoverTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration AT_ONCE = Duration.ZERO;

    private static OwnSchema schema;

    @BeforeAll
    static void migrate() throws InterruptedException {
        schema = new OwnSchema(8);
        schema.migrate();
    }

    @AfterAll
    static void drop() {
        schema.close();
    }

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void whatHasBegunStaysAndTheNewOwnerCompletesIt(boolean kip848) throws Exception {
        try (Scene scene = new Scene("stays", 2)) {
            HeldWork first = new HeldWork();
            HeldWork second = new HeldWork();
            scene.topic.send(RequestLines.bare("r", 20), 2);
            Member old = scene.join("old", first, kip848);
            Await.until("all begun", () -> first.count() == 20);

            Member next = scene.join("next", second, kip848);
            Await.until("half held elsewhere", () -> next.intake().heldElsewhere() == 10);
            int moved = next.owns(0) ? 0 : 1;
            scene.topic.send(RequestLines.bare("later", 2), 2);
            Await.until("the new owner works on what is new", () -> second.count() == 1);
            Await.until("it sees who holds up", () -> "old".equals(oldest(next, moved).heldBy()));
            assertThat(old.intake().handedOver()).isEqualTo(10);
            assertThat(old.intake().heldBytes()).as("counts as before").isPositive();

            second.complete(scene.topic.name(), moved, 10);
            for (int offset = 0; offset < 10; offset++) {
                first.complete(scene.topic.name(), moved, offset);
            }

            Await.until("completed by its owner", () -> scene.committed(moved) == 11);
            Await.until("nobody knows of it any more", () -> scene.rows() == 0);
            assertThat(second.count()).as("none is begun twice").isZero();
            assertThat(old.intake().handedOver()).isZero();
        }
    }

    @Test
    void aPartitionThatComesBackFindsItsOwnCallsStillAtWork() throws Exception {
        try (Scene scene = new Scene("back", 2)) {
            HeldWork first = new HeldWork();
            HeldWork guests = new HeldWork();
            scene.topic.send(RequestLines.bare("r", 20), 2);
            Member stays = scene.join("stays", first, true);
            Await.until("all begun", () -> first.count() == 20);
            Member guest = scene.join("guest", guests, true);
            Await.until("half held elsewhere", () -> guest.intake().heldElsewhere() == 10);
            int moved = guest.owns(0) ? 0 : 1;

            scene.leave(guest, AT_ONCE);
            Await.until("back", () -> stays.owns(moved));
            Await.until("found", () -> stays.intake().heldElsewhere() == 10);
            for (int offset = 0; offset < 10; offset++) {
                first.complete(scene.topic.name(), moved, offset);
            }

            Await.until("completed", () -> scene.committed(moved) == 10);
            assertThat(guests.count()).isZero();
            assertThat(first.count()).as("the other partition's").isEqualTo(10);
        }
    }

    @Test
    void aThirdOwnerLeavesTheFirstOnesCallsToIt() throws Exception {
        try (Scene scene = new Scene("third", 1)) {
            HeldWork first = new HeldWork();
            HeldWork second = new HeldWork();
            HeldWork third = new HeldWork();
            scene.topic.send(RequestLines.bare("r", 10), 1);
            Member one = scene.join("one", first, true);
            Await.until("all begun", () -> first.count() == 10);
            Member two = scene.join("two", second, true);
            scene.leave(one, AT_ONCE);
            Await.until("held", () -> two.intake().heldElsewhere() == 10);
            scene.topic.send(RequestLines.bare("later", 5), 1);
            Await.until("more begun", () -> second.count() == 5);
            first.complete(scene.topic.name(), 0, 3);
            Member three = scene.join("three", third, true);

            scene.leave(two, AT_ONCE);
            Await.until("held by two of them", () -> three.intake().heldElsewhere() == 9 + 5);
            for (long offset : List.of(0L, 1L, 2L, 4L, 5L, 6L, 7L, 8L, 9L)) {
                first.complete(scene.topic.name(), 0, offset);
            }
            for (long offset = 10; offset < 15; offset++) {
                second.complete(scene.topic.name(), 0, offset);
            }

            Await.until("completed", () -> scene.committed(0) == 15);
            assertThat(third.count()).isZero();
        }
    }

    @Test
    void whatIsGivenUpWhenTheDrainIsOverIsBegunByTheNewOwner() throws Exception {
        try (Scene scene = new Scene("over", 1)) {
            FakeWork slow = new FakeWork(_ -> LONG);
            FakeWork quick = new FakeWork(_ -> AT_ONCE);
            scene.topic.send(RequestLines.bare("r", 10), 1);
            Member old = scene.join("old", slow, true);
            Await.until("all begun", () -> slow.begun().size() == 10);
            scene.join("next", quick, true);

            scene.leave(old, Duration.ofMillis(500));

            Await.until("given up", () -> slow.abandoned().size() == 10);
            Await.until("begun anew and done", () -> scene.committed(0) == 10);
            assertThat(quick.begun()).hasSize(10);
            Await.until("no row stays", () -> scene.rows() == 0);
        }
    }

    @Test
    void theDeadGiveTheirCallsBackAndTheSilentOnlyAfterTenSeconds() throws Exception {
        try (Scene scene = new Scene("dead", 1)) {
            HeldWork first = new HeldWork();
            FakeWork quick = new FakeWork(_ -> AT_ONCE);
            scene.topic.send(RequestLines.bare("r", 10), 1);
            Member old = scene.join("dies", first, true);
            Await.until("all begun", () -> first.count() == 10);
            Member next = scene.join("next", quick, true);
            scene.leave(old, AT_ONCE);
            Await.until("held", () -> next.intake().heldElsewhere() == 10);
            first.complete(scene.topic.name(), 0, 4);
            Await.until("one done", () -> next.intake().heldElsewhere() == 9);

            scene.clock.addAndGet(Duration.ofSeconds(11).toNanos());
            scene.topic.send(RequestLines.bare("later", 1), 1);
            Await.until("goes on", () -> quick.doneCount() == 1);
            assertThat(next.intake().heldElsewhere()).as("it is alive").isEqualTo(9);
            scene.die("dies");

            Await.until("begun anew and done", () -> scene.committed(0) == 11);
            assertThat(quick.begun()).as("not what was done").hasSize(9 + 1);
        }
    }

    /** The table is locked: nothing that is written to it comes back. */
    @Test
    void aSilentDatabaseIsNotWaitedForAndWhatItTakesLateIsTakenBack() throws Exception {
        try (Scene scene = new Scene("silent", 2);
                Connection lock = schema.pool().getConnection();
                Statement statement = lock.createStatement()) {
            FakeWork slow = new FakeWork(_ -> LONG);
            FakeWork quick = new FakeWork(_ -> AT_ONCE);
            scene.topic.send(RequestLines.bare("r", 20), 2);
            Member old = scene.join("old", slow, true);
            Await.until("all begun", () -> slow.begun().size() == 20);
            lock.setAutoCommit(false);
            statement.execute(schema.name().in("lock table ${schema}.handover"));

            Member next = scene.join("next", quick, true);
            Await.until("half given up", () -> slow.abandoned().size() == 10);
            Await.until("nothing goes on", () -> old.intake().handedOver() == 0);
            lock.commit();

            Await.until("done by the next", () -> quick.doneCount() == 10);
            int moved = next.owns(0) ? 0 : 1;
            Await.until("committed", () -> scene.committed(moved) == 10);
            Await.until("no row stays", () -> scene.rows() == 0);
        }
    }

    /** It does as it always did: it knows nothing of what others hold, and gives nothing over. */
    @Test
    void aWorkerOfTheReleaseBeforeDoesNoHarm() throws Exception {
        try (Scene scene = new Scene("before", 1)) {
            HeldWork first = new HeldWork();
            FakeWork quick = new FakeWork(_ -> AT_ONCE);
            HeldWork third = new HeldWork();
            scene.topic.send(RequestLines.bare("r", 10), 1);
            Member one = scene.join("one", first, true);
            Await.until("all begun", () -> first.count() == 10);
            Member before = scene.join(Handover.NONE, quick, true);
            scene.leave(one, AT_ONCE);
            Await.until("begun twice", () -> quick.doneCount() == 10);
            Await.until("committed", () -> scene.committed(0) == 10);
            for (int offset = 0; offset < 10; offset++) {
                first.complete(scene.topic.name(), 0, offset);
            }
            Member three = scene.join("three", third, true);
            scene.leave(before, AT_ONCE);

            scene.topic.send(RequestLines.bare("later", 1), 1);
            Await.until("goes on", () -> third.count() == 1);
            third.complete(scene.topic.name(), 0, 10);

            Await.until("committed", () -> scene.committed(0) == 11);
            assertThat(three.intake().heldElsewhere()).isZero();
        }
    }

    private static PartitionState.Oldest oldest(Member member, int partition) {
        return member.intake().partitions().stream()
                .filter(each -> each.partition() == partition)
                .map(PartitionState::oldest)
                .filter(each -> each != null)
                .findFirst()
                .orElse(new PartitionState.Oldest(-1, null, null, null, Duration.ZERO));
    }

    /** A topic, a group, and those of its members that are still there at the end. */
    private static final class Scene implements AutoCloseable {
        private final Topic topic;
        private final String group;
        private final AtomicLong clock = new AtomicLong();
        private final List<Member> members = new ArrayList<>();
        private final List<StoredHandover> handovers = new ArrayList<>();

        Scene(String stem, int partitions) throws Exception {
            this.topic = Topic.create(stem, partitions);
            this.group = SharedBroker.unique(stem);
        }

        Member join(String worker, RequestHandler work, boolean kip848) {
            schema.sql(
                            "insert into ${schema}.worker (id, name, version, last_seen)"
                                    + " values (:id, :id, '1', 'infinity') on conflict do nothing")
                    .param("id", worker)
                    .update();
            StoredHandover handover =
                    new StoredHandover(
                            schema.pool(),
                            schema.name(),
                            worker,
                            () -> System.nanoTime() + clock.get());
            handover.start();
            handovers.add(handover);
            return join(handover, work, kip848);
        }

        Member join(Handover handover, RequestHandler work, boolean kip848) {
            Member member = Member.joinWith(handover, topic.name(), group, work, kip848);
            members.add(member);
            return member;
        }

        /** What goes on for longer is given up. */
        void leave(Member member, Duration limit) throws InterruptedException {
            members.remove(member);
            member.leave(limit);
        }

        /** Its heartbeat is heard no more. */
        void die(String worker) {
            schema.sql("delete from ${schema}.worker where id = :id").param("id", worker).update();
        }

        long committed(int partition) throws Exception {
            return topic.committed(group, partition).offset();
        }

        int rows() {
            return schema.sql("select count(*) from ${schema}.handover where topic = :topic")
                    .param("topic", topic.name())
                    .query(Integer.class)
                    .single();
        }

        @Override
        public void close() {
            members.forEach(member -> member.intake().stop());
            handovers.forEach(StoredHandover::close);
            topic.close();
        }
    }
}
