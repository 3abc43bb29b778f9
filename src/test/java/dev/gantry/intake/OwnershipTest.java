package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Partitions taken away mid-flight, coming back, and late completions of old assignments. */
class OwnershipTest {
    private static final Duration SHORT_GRACE = Duration.ofMillis(200);

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void aLateCompletionOfAnOldAssignmentChangesNoOffset(boolean kip848) throws Exception {
        String group = SharedBroker.unique("late");
        HeldWork first = new HeldWork();
        HeldWork second = new HeldWork();

        try (Topic topic = Topic.create("late", 2)) {
            topic.send(RequestLines.bare("r", 20), 2);
            Member old = Member.join(topic.name(), group, first, kip848, SHORT_GRACE, Map.of());
            Await.until("all held by the first", () -> first.count() == 20);
            Member next = Member.join(topic.name(), group, second, kip848, SHORT_GRACE, Map.of());
            Await.until("half held by the second", () -> second.count() == 10);
            int moved = second.holds(topic.name(), 0, 0) ? 0 : 1;
            int kept = 1 - moved;

            for (int offset = 0; offset < 10; offset++) {
                first.complete(topic.name(), moved, offset);
            }
            first.complete(topic.name(), kept, 0);
            second.complete(topic.name(), moved, 3);

            Await.until("kept committed", () -> topic.committed(group, kept).offset() == 1);
            Await.until("moved committed", () -> knowsDone(topic, group, moved, 3));
            OffsetAndMetadata committed = topic.committed(group, moved);
            assertThat(committed.offset()).isZero();
            assertThat(OffsetMap.read(committed.metadata(), 0).incomplete().count()).isEqualTo(9);
            old.intake().stop();
            next.intake().stop();
        }
    }

    @Test
    void aPartitionThatComesBackStartsFromWhatIsCommitted() throws Exception {
        String group = SharedBroker.unique("back");
        HeldWork first = new HeldWork();
        HeldWork second = new HeldWork();

        try (Topic topic = Topic.create("back", 2)) {
            topic.send(RequestLines.bare("r", 20), 2);
            Member stays = Member.join(topic.name(), group, first, true, SHORT_GRACE, Map.of());
            Await.until("all held", () -> first.count() == 20);
            Member guest = Member.join(topic.name(), group, second, true, SHORT_GRACE, Map.of());
            Await.until("half held by the guest", () -> second.count() == 10);
            int moved = second.holds(topic.name(), 0, 0) ? 0 : 1;
            for (int offset = 0; offset < 10; offset++) {
                first.complete(topic.name(), moved, offset);
            }
            second.complete(topic.name(), moved, 0);
            second.complete(topic.name(), moved, 5);
            guest.intake().stop();
            Await.until("back, with eight to do", () -> first.count() == 10 + 8);

            for (long offset : List.of(1L, 2L, 3L, 4L, 6L, 7L, 8L, 9L)) {
                first.complete(topic.name(), moved, offset);
            }

            Await.until("all committed", () -> topic.committed(group, moved).offset() == 10);
            stays.intake().stop();
        }
    }

    @Test
    void aRestartRepeatsNothingThatWasFinishedAboveTheWatermark() throws Exception {
        String group = SharedBroker.unique("restart");
        HeldWork before = new HeldWork();
        HeldWork after = new HeldWork();

        try (Topic topic = Topic.create("restart", 1)) {
            topic.send(RequestLines.bare("r", 100), 1);
            Member killed = Member.join(topic.name(), group, before, true, SHORT_GRACE, Map.of());
            Await.until("all held", () -> before.count() == 100);
            for (int offset = 1; offset < 100; offset += 2) {
                before.complete(topic.name(), 0, offset);
            }
            Await.until("map committed", () -> knowsDone(topic, group, 0, 99));
            killed.intake().stop();
            Member next = Member.join(topic.name(), group, after, true, SHORT_GRACE, Map.of());

            Await.until("the rest delivered again", () -> after.count() == 50);
            for (int offset = 0; offset < 100; offset += 2) {
                after.complete(topic.name(), 0, offset);
            }
            Await.until("all committed", () -> topic.committed(group, 0).offset() == 100);
            next.intake().stop();
        }
    }

    @ParameterizedTest(name = "KIP-848: {0}")
    @ValueSource(booleans = {true, false})
    void aPollTimeoutLosesThePartitionsAndNoRecord(boolean kip848) throws Exception {
        String group = SharedBroker.unique("timeout");
        FakeWork work = new FakeWork(_ -> Duration.ofMillis(20));
        StallingInterceptor.stall = new CountDownLatch(1);
        StallingInterceptor.stalled = false;
        StallingInterceptor.stalled = false;

        try (Topic topic = Topic.create("timeout", 2)) {
            topic.send(RequestLines.bare("r", 50), 2);
            Member stalled =
                    Member.join(
                            topic.name(),
                            group,
                            work,
                            kip848,
                            SHORT_GRACE,
                            Map.of(
                                    "max.poll.interval.ms",
                                    2_000,
                                    "interceptor.classes",
                                    StallingInterceptor.class.getName()));
            Await.until("stalled", () -> StallingInterceptor.stalled);
            Member other = Member.join(topic.name(), group, work, kip848);
            Await.until("taken over", () -> other.owns(0) && other.owns(1));
            StallingInterceptor.stall.countDown();

            topic.send(RequestLines.bare("r", 50), 2);
            Await.until("all done", () -> work.doneCount() == 100);
            Await.until(
                    "all committed",
                    () ->
                            topic.committed(group, 0).offset() == 50
                                    && topic.committed(group, 1).offset() == 50);
            new Guarantees.NoCommitPastUnfinished(topic, group, work).check();
            stalled.leave();
            other.leave();
        }
    }

    /** Blocks the poll loop once, as a long pause of the process would. */
    public static final class StallingInterceptor implements ConsumerInterceptor<byte[], byte[]> {
        static volatile CountDownLatch stall = new CountDownLatch(0);
        static volatile boolean stalled;

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
            stalled = true;
            try {
                stall.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return records;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> configs) {}
    }

    private static boolean knowsDone(Topic topic, String group, int partition, long offset)
            throws Exception {
        OffsetAndMetadata committed = topic.committed(group, partition);
        OffsetMap map = OffsetMap.read(committed.metadata(), committed.offset());
        return offset < map.top() && !map.incomplete().contains(offset);
    }
}
