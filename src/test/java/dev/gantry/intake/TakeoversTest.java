package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.broker.QuietBroker;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.Maps;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.request.RequestTopics;
import dev.gantry.reread.FetchGuard;
import dev.gantry.reread.RawFetch;
import dev.gantry.testbed.Await;

import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Reading apart what the client must not have, on Kafka's own fake consumer. */
class TakeoversTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);
    private static final int LARGEST = 100_000;
    private static final int BOMBS = 20;

    private final QuietBroker broker = new QuietBroker();
    private final IntakeSettings settings = RequestDecoderTest.settings();
    private final Dispatcher dispatcher = new Dispatcher(0, new NoWork());
    private final SkippedRequests skipped = new SkippedRequests();
    private final Assignments assignments =
            TestAssignments.of(
                    dispatcher,
                    TestAssignments.committer(broker, settings),
                    broker,
                    skipped,
                    settings);
    private final Takeovers takeovers =
            new Takeovers(
                    assignments,
                    new RequestListener(assignments, dispatcher),
                    skipped,
                    new FetchGuard.Bounds(LARGEST, LARGEST));
    private final Backpressure gate =
            new Backpressure(
                    RequestTopics.plain("requests"),
                    dispatcher,
                    assignments,
                    () -> 0,
                    settings,
                    2 * BOMBS);
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

    /** Keeps what it is given. */
    private static final class NoWork implements Dispatcher.Work {
        @Override
        public void begin(InFlightRecord inFlight) {
            assertThat(inFlight.partition().partition()).isEqualTo(PARTITION);
        }

        @Override
        public void resume(InFlightRecord inFlight, SuspendedRun run) {
            throw new AssertionError(inFlight + " waited");
        }
    }

    /** A small fetch may inflate to more than a loop has time for between two of its polls. */
    @Test
    void whatIsTooLargeIsInflatedALittleAtATime() throws Exception {
        takenOver();
        assertThat(takeovers.holds(PARTITION)).isTrue();

        takeovers.proceed(consumer);

        assertThat(assignments.held().records()).as("of %d", BOMBS).isOne();
        for (int lot = 0; lot < BOMBS; lot++) {
            takeovers.proceed(consumer);
        }
        assertThat(assignments.held().records()).isEqualTo(BOMBS);
        assertThat(takeovers.holds(PARTITION)).isFalse();
    }

    @Test
    void whatWasFetchedOfADeletedTopicIsNotReadIntoTheNewOne() throws Exception {
        AssignedPartition work = takenOver();
        takeovers.proceed(consumer);
        LogEpoch fresh = new LogEpoch(Uuid.randomUuid(), LogEpoch.NO_EPOCH);
        work.startOver(Maps.of(0, 0, List.of(), fresh));
        consumer.seek(PARTITION, 0);

        takeovers.proceed(consumer);

        assertThat(takeovers.holds(PARTITION)).isFalse();
        assertThat(work.position()).isZero();
        assertThat(consumer.position(PARTITION)).isZero();
    }

    @Test
    void whatTheClientIsSentAwayFromIsReadNoFurther() throws Exception {
        AssignedPartition work = takenOver();
        consumer.seek(PARTITION, 7);

        takeovers.proceed(consumer);

        assertThat(takeovers.holds(PARTITION)).isFalse();
        assertThat(work.position()).isZero();
        assertThat(consumer.position(PARTITION)).isEqualTo(7);
    }

    @Test
    void aPartitionIsPausedWhileItIsReadApartAndNoLonger() throws Exception {
        gate.leaveAlone(takeovers::holds);
        takenOver();
        gate.apply(consumer);
        assertThat(consumer.paused()).containsExactly(PARTITION);
        consumer.seek(PARTITION, 7);
        takeovers.proceed(consumer);
        gate.apply(consumer);
        assertThat(consumer.paused()).isEmpty();

        consumer.seek(PARTITION, 0);
        takeovers.take(consumer, List.of(bombs()));
        assertThat(takeovers.holds(PARTITION)).isTrue();
        consumer.seek(PARTITION, 7);
        takeovers.proceed(consumer);
        gate.apply(consumer);

        assertThat(consumer.paused()).as("over before it was paused").isEmpty();
    }

    @Test
    void nothingIsReadWhileItIsLookedForWhereToGoOn() throws Exception {
        AssignedPartition work = takenOver();
        work.pending("the topic was made anew");

        takeovers.proceed(consumer);

        assertThat(takeovers.holds(PARTITION)).isFalse();
        assertThat(work.position()).isZero();
    }

    private AssignedPartition takenOver() throws Exception {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        assignments.onPartitionsAssigned(consumer, List.of(PARTITION));
        Await.until("begun", this::begun);
        takeovers.take(consumer, List.of(bombs()));
        return Objects.requireNonNull(assignments.of(PARTITION));
    }

    private boolean begun() {
        assignments.positions().beforePoll(consumer, broker.last());
        return assignments.works().values().stream().noneMatch(AssignedPartition::pending);
    }

    private static RawFetch bombs() {
        MemoryRecords log =
                MemoryRecords.withRecords(
                        Compression.gzip().build(),
                        Stream.generate(() -> new SimpleRecord(new byte[2 * LARGEST]))
                                .limit(BOMBS)
                                .toArray(SimpleRecord[]::new));
        return new RawFetch(PARTITION, 0, BOMBS, Errors.NONE, log, List.of());
    }
}
