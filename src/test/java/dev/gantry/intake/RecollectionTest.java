package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.worker.Flight;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests that are finished beside the offsets are not worked on again. */
class RecollectionTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private final Held held = new Held();
    private final PartitionWork work =
            new PartitionWork(PARTITION, new OffsetLedger(OffsetMap.none(10)), held);

    /** Answers when it is told to. */
    private static final class Memory implements Finished {
        private final Map<Long, Long> stamps;
        private final CountDownLatch open;
        private final AtomicInteger failures;
        private final Map<TopicPartition, Long> passed = new ConcurrentHashMap<>();

        Memory(Map<Long, Long> stamps, CountDownLatch open, int failures) {
            this.stamps = stamps;
            this.open = open;
            this.failures = new AtomicInteger(failures);
        }

        @Override
        public Map<TopicPartition, Map<Long, Long>> above(Map<TopicPartition, Long> watermarks) {
            assertThat(watermarks).isEqualTo(Map.of(PARTITION, 10L));
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (failures.getAndDecrement() > 0) {
                throw new IllegalStateException("database away");
            }
            return Map.of(PARTITION, stamps);
        }

        @Override
        public void passed(Map<TopicPartition, Long> watermarks) {
            passed.putAll(watermarks);
        }
    }

    @Test
    void aFinishedRequestIsSkippedAndTheWatermarkPassesIt() {
        tell(new Memory(Map.of(10L, 100L, 11L, 110L), new CountDownLatch(0), 0));

        assertThat(work.begin(ticket(10, 100))).isFalse();
        assertThat(work.begin(ticket(11, 110))).isFalse();

        assertThat(work.openCount()).isZero();
        assertThat(held.records()).isZero();
        assertThat(work.due().map(OffsetAndMetadata::offset)).isEqualTo(Optional.of(12L));
    }

    @Test
    void anotherRecordAtTheSameOffsetIsWorkedOn() {
        tell(new Memory(Map.of(10L, 100L), new CountDownLatch(0), 0));

        assertThat(work.begin(ticket(10, 101))).isTrue();
        assertThat(work.begin(ticket(11, 110))).isTrue();

        assertThat(work.due().map(OffsetAndMetadata::offset)).isEqualTo(Optional.of(10L));
    }

    @Test
    void withoutAnAnswerWorkBeginsAndALateOneCountsForTheRest() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        long start = System.nanoTime();
        tell(new Memory(Map.of(10L, 100L, 11L, 110L), open, 1));
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(took).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        assertThat(work.begin(ticket(10, 100))).isTrue();
        open.countDown();
        Await.until("the late answer is there", () -> work.skips() > 0);

        assertThat(work.begin(ticket(11, 110))).isFalse();
        assertThat(work.openCount()).isEqualTo(1);
    }

    @Test
    void theWatermarksOfAnAssignmentHavePassed() {
        Memory memory = new Memory(Map.of(), new CountDownLatch(0), 0);

        tell(memory);

        assertThat(memory.passed).isEqualTo(Map.of(PARTITION, 10L));
    }

    private void tell(Finished finished) {
        new Recollection(finished).tell(List.of(work));
    }

    private Ticket ticket(long offset, long timestamp) {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(
                        PARTITION.topic(),
                        PARTITION.partition(),
                        offset,
                        timestamp,
                        TimestampType.CREATE_TIME,
                        0,
                        1,
                        null,
                        new byte[1],
                        new RecordHeaders(),
                        Optional.empty());
        return new Ticket(work, record, new Flight(), 0);
    }
}
