package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.broker.QuietBroker;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.request.RequestTopics;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Settings;
import dev.gantry.worker.RequestHandle;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Back-pressure, on Kafka's own fake consumer. */
class BackpressureTest {
    private static final TopicPartition FIRST = new TopicPartition("requests", 0);
    private static final TopicPartition SECOND = new TopicPartition("requests", 1);
    private static final TopicPartition URGENT = new TopicPartition("urgent", 0);
    private static final int MAX_POLL_RECORDS = 50;

    /** Characters of metadata. */
    private static final int ROOM = 256;

    private final IntakeSettings settings = RequestDecoderTest.settings();
    // No slots, and work that does not end: whatever is offered is too much.
    private final CountDownLatch end = new CountDownLatch(1);
    private final Dispatcher dispatcher = new Dispatcher(0, new EndlessWork());
    private final QuietBroker broker = new QuietBroker();
    private final Assignments assignments =
            TestAssignments.of(
                    dispatcher,
                    TestAssignments.committer(broker, settings),
                    broker,
                    new SkippedRequests(),
                    settings);
    private final RequestTopics topics = RequestTopics.plain("requests", "urgent");
    private final AtomicLong undelivered = new AtomicLong();
    private final Backpressure gate =
            new Backpressure(
                    topics, dispatcher, assignments, undelivered::get, settings, MAX_POLL_RECORDS);
    private int questions;
    private final MockConsumer<byte[], byte[]> consumer =
            new MockConsumer<>("earliest") {
                @Override
                public synchronized Set<TopicPartition> paused() {
                    questions++;
                    return super.paused();
                }
            };

    @BeforeEach
    void assign() throws Exception {
        consumer.assign(List.of(FIRST, SECOND));
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        assignments.onPartitionsAssigned(consumer, List.of(FIRST, SECOND));
        awaitBegun();
    }

    private void awaitBegun() throws Exception {
        Await.until(
                "begun",
                () -> {
                    assignments.positions().beforePoll(consumer, broker.last());
                    return assignments.works().values().stream()
                            .noneMatch(AssignedPartition::pending);
                });
        gate.apply(consumer);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void aPartitionIsPausedUntilItIsKnownWhereToBegin() throws Exception {
        assignments.onPartitionsRevokedBeforeCommit(consumer, List.of(FIRST));
        assignments.onPartitionsAssigned(consumer, List.of(FIRST));
        gate.apply(consumer);

        assertThat(consumer.paused()).containsExactly(FIRST);

        awaitBegun();
    }

    /** The client copies its partitions for each such question, and there are many polls. */
    @Test
    void theConsumerIsAskedOnlyWhenSomethingHasChanged() {
        int before = questions;
        for (int poll = 0; poll < 1000; poll++) {
            assertThat(gate.apply(consumer)).isTrue();
        }

        assertThat(questions - before).isLessThan(100); // now and then it is, once a second
    }

    @Test
    void aPartitionThatCameBackBetweenTwoPollsIsResumed() throws Exception {
        assignments.onPartitionsRevokedBeforeCommit(consumer, List.of(FIRST));
        assignments.onPartitionsAssigned(consumer, List.of(FIRST));

        awaitBegun();
    }

    /** Nobody says when there is room for bytes again, and a poll that need not wait would spin. */
    @Test
    void aWorkerThatHoldsEnoughLooksForRoomAndDoesNotPoll() {
        undelivered.set(settings.maxInFlightBytes());
        long began = System.nanoTime();

        assertThat(gate.apply(consumer)).isFalse();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(9));
    }

    /** Lanes may be benched for hours, and nothing can be fetched meanwhile. */
    @Test
    void aWorkerOfWhichEveryPartitionWaitsForLanesDoesNotPollEither() {
        Backpressure small =
                new Backpressure(
                        topics,
                        dispatcher,
                        assignments,
                        undelivered::get,
                        Settings.shipped(IntakeSettings.class, "max-parked=2"),
                        MAX_POLL_RECORDS);
        List<InFlightRecord> waiting = List.of(park(FIRST, 0), park(FIRST, 1));
        assertThat(small.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactly(FIRST);
        park(SECOND, 0);

        for (int poll = 0; poll < 5; poll++) {
            long began = System.nanoTime();
            assertThat(small.apply(consumer)).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isGreaterThan(Duration.ofMillis(9));
        }
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
        waiting.forEach(dispatcher::withdraw);

        assertThat(small.apply(consumer)).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    private InFlightRecord park(TopicPartition partition, long offset) {
        InFlightRecord inFlight = begin(partition, offset, 10);
        assertThat(inFlight.partition().open().started(inFlight)).isTrue();
        dispatcher.park(inFlight, new Benched());
        return inFlight;
    }

    /** Waits for lanes and never has one. */
    private static final class Benched implements SuspendedRun {
        @Override
        public boolean inLine() {
            return false;
        }

        @Override
        public boolean wantsOnlyRoom(Predicate<LaneId> takesCalls) {
            return false;
        }

        @Override
        public boolean begun() {
            return false;
        }

        @Override
        public @Nullable InferenceRequest request() {
            return null;
        }

        @Override
        public void dropBody() {}

        @Override
        public void whenOver(Runnable then) {}

        @Override
        public void leave() {}

        @Override
        public Optional<SuspendedRun> resume(InferenceRequest request) {
            throw new AssertionError("no lane");
        }
    }

    @Test
    void aLineThatIsLongEnoughPausesEveryPartition() throws InterruptedException {
        for (int offset = 0; offset < MAX_POLL_RECORDS; offset++) {
            dispatcher.offer(begin(FIRST, offset, 10));
        }

        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(gate.shut()).isTrue();

        end.countDown();
        assertThat(dispatcher.awaitIdle(Duration.ofMinutes(1))).isTrue();

        assertThat(gate.apply(consumer)).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void aTopicWhoseLineIsLongEnoughIsPausedAlone() throws Exception {
        assignAlso(URGENT);
        for (int offset = 0; offset < MAX_POLL_RECORDS; offset++) {
            dispatcher.offer(begin(FIRST, offset, 10));
        }

        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(gate.shut()).isFalse();

        for (int offset = 0; offset < MAX_POLL_RECORDS; offset++) {
            dispatcher.offer(begin(URGENT, offset, 10));
        }
        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND, URGENT);
        assertThat(gate.shut()).isTrue();
        end.countDown();
    }

    @Test
    void aTopicThatHasItsPartOfTheMemoryLeavesAQuarterToOthers() throws Exception {
        assignAlso(URGENT);
        int tenth = Math.toIntExact(settings.maxInFlightBytes() / 10);
        for (int offset = 0; offset < 7; offset++) {
            begin(FIRST, offset, tenth);
        }
        assertThat(gate.apply(consumer)).isTrue();

        begin(SECOND, 0, tenth);
        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);

        begin(URGENT, 0, tenth);
        begin(URGENT, 1, tenth);
        begin(URGENT, 2, tenth);
        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND, URGENT);
    }

    private void assignAlso(TopicPartition partition) throws Exception {
        consumer.assign(List.of(FIRST, SECOND, partition));
        consumer.updateBeginningOffsets(Map.of(partition, 0L));
        assignments.onPartitionsAssigned(consumer, List.of(partition));
        awaitBegun();
    }

    @Test
    void bytesHeldPauseEveryPartition() {
        int half = (int) Math.min(settings.maxInFlightBytes() / 2, 1 << 28);
        for (int offset = 0; offset * (long) half < settings.maxInFlightBytes(); offset++) {
            begin(FIRST, offset, half);
        }

        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
    }

    @Test
    void headersAndKeysCountAsMuchAsValues() {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>("requests", 0, 0, new byte[10_000], new byte[0]);
        record.headers().add("name", new byte[1 << 20]);
        AssignedPartition work = assignments.of(FIRST);
        assertThat(work).isNotNull();
        assertThat(work.begin(new InFlightRecord(work, record, new RequestHandle(), 0))).isTrue();

        assertThat(assignments.held().bytes()).isBetween(1_058_576L, 1_060_000L);
    }

    @Test
    void aPartitionOfWhichNothingTakesWhatIsDoneIsPausedAloneUntilSomethingDoes() {
        AssignedPartition work = assignments.of(FIRST);
        assertThat(work).isNotNull();
        for (int offset = 0; offset < 7_000; offset += 1) {
            InFlightRecord inFlight = begin(FIRST, offset, 0);
            if (offset % 2 == 1) {
                finish(work, inFlight);
            }
        }
        work.saveFailed();
        assertThat(work.due(ROOM)).isPresent();

        gate.apply(consumer);

        assertThat(work.mapTruncated()).isTrue();
        assertThat(consumer.paused()).containsExactly(FIRST);

        for (int write = 0; write < 20; write++) {
            work.saved(work.unsaved(ROOM));
        }
        assertThat(work.due(ROOM)).isPresent();
        gate.apply(consumer);

        assertThat(work.mapTruncated()).isFalse();
        assertThat(work.unsaved(ROOM)).isEmpty();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void answersThatTheBrokerDoesNotTakePauseEveryPartition() {
        undelivered.set(settings.maxInFlightBytes());

        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
    }

    @Test
    void requestsAndAnswersTogetherPauseEveryPartitionUntilAQuarterIsFree() {
        int half = Math.toIntExact(settings.maxInFlightBytes() / 2);
        begin(FIRST, 0, half);
        undelivered.set(half - 1);
        assertThat(gate.apply(consumer)).isTrue();

        undelivered.set(half);
        assertThat(gate.apply(consumer)).isFalse();
        undelivered.set(half / 2);
        assertThat(gate.apply(consumer)).isFalse();
        undelivered.set(half / 2 - 1);

        assertThat(gate.apply(consumer)).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void drainingPausesEveryPartitionForGood() {
        gate.drain();

        assertThat(gate.apply(consumer)).isFalse();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
    }

    /** Ends when the test says so. */
    private final class EndlessWork implements Dispatcher.Work {
        @Override
        public void begin(InFlightRecord inFlight) {
            try {
                end.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void resume(InFlightRecord inFlight, SuspendedRun run) {
            throw new AssertionError(inFlight + " waited");
        }
    }

    private InFlightRecord begin(TopicPartition partition, long offset, int size) {
        AssignedPartition work = assignments.of(partition);
        assertThat(work).isNotNull();
        InFlightRecord inFlight =
                new InFlightRecord(
                        work,
                        new ConsumerRecord<>(
                                partition.topic(),
                                partition.partition(),
                                offset,
                                null,
                                new byte[size]),
                        new RequestHandle(),
                        0);
        assertThat(work.begin(inFlight)).isTrue();
        return inFlight;
    }

    private static void finish(AssignedPartition work, InFlightRecord inFlight) {
        assertThat(work.open().started(inFlight)).isTrue();
        work.completed(inFlight);
    }
}
