package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.handover.HandoverRow;
import dev.gantry.inference.SourcePosition;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.Maps;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.intake.position.UnreadableRecord;
import dev.gantry.reread.LogPiece;
import dev.gantry.worker.RequestHandle;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** What others finish is open, nobody's work here, and holds the watermark until it is done. */
class HeldElsewhereTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);
    private static final int ROOM = 4096;

    private final HeldRecords held = new HeldRecords();
    private final AssignedPartition work = new AssignedPartition(PARTITION, held, Handover.NONE);

    @Test
    void isOpenAndNobodysWork() {
        settle(10, row(10, false));

        assertThat(work.begin(record(10))).isFalse();
        assertThat(work.begin(record(11))).isTrue();

        assertThat(work.openCount()).isEqualTo(2);
        assertThat(watermark()).isEqualTo(10);
        assertThat(held.records()).as("counts against its worker").isOne();
        PartitionState.Oldest oldest = work.state(0).oldest();
        assertThat(oldest).isNotNull();
        assertThat(oldest.heldBy()).isEqualTo("other");
        assertThat(work.heldElsewhere()).containsExactly(source(10));
    }

    @Test
    void whatIsDoneIsCompletedBeforeItsDeliveryOrAfter() {
        settle(10, row(10, false), row(11, false), row(12, true));
        work.doneElsewhere(source(10));
        assertThat(work.begin(record(10))).isFalse();
        assertThat(work.begin(record(11))).isFalse();
        assertThat(work.begin(record(12))).isFalse();
        assertThat(watermark()).isEqualTo(11);

        work.doneElsewhere(source(11));

        assertThat(watermark()).isEqualTo(13);
        assertThat(work.heldElsewhere()).isEmpty();
    }

    @Test
    void whatIsReleasedIsWorkedOnHereBeforeItsDeliveryOrAfter() {
        settle(10, row(10, false), row(11, false));
        assertThat(work.releasedElsewhere(source(10))).isNull();
        assertThat(work.begin(record(10))).isTrue();
        InFlightRecord later = record(11);
        assertThat(work.begin(later)).isFalse();

        assertThat(work.releasedElsewhere(source(11))).isSameAs(later);

        assertThat(later.record()).as("it is read again").isNull();
        assertThat(work.openCount()).isEqualTo(2);
        work.completed(later);
        assertThat(watermark()).isEqualTo(10);
    }

    @Test
    void whyARecordCannotBeReadIsKeptForItCannotBeReadAgain() {
        UnreadableRecord damaged =
                UnreadableRecord.of(PARTITION, new LogPiece.Damaged(10, 11, "checksum"));
        SourcePosition source = new SourcePosition("requests", 0, 10, damaged.timestamp());
        settle(10, new HandoverRow(source, "other", false, false));
        InFlightRecord inFlight = new InFlightRecord(work, damaged, new RequestHandle(), 0);
        assertThat(work.begin(inFlight)).isFalse();

        assertThat(work.releasedElsewhere(source)).isSameAs(inFlight);

        assertThat(inFlight.record()).isSameAs(damaged);
    }

    @Test
    void anotherRecordAtTheOffsetIsNobodyElses() {
        var older =
                new HandoverRow(new SourcePosition("requests", 0, 10, 7), "other", false, false);
        settle(10, older);

        assertThat(work.begin(record(10))).isTrue();
        assertThat(work.heldElsewhere()).isEmpty();
    }

    @Test
    void whatTheCommitKnowsToBeDoneIsNotHeld() {
        work.settle(Maps.of(10, 12, List.of(10L)), null, Map.of(), List.of(row(11, false)));
        work.pending(null);
        work.begin(record(10));

        assertThat(work.begin(record(11))).isFalse();

        assertThat(work.heldElsewhere()).isEmpty();
    }

    @Test
    void whatIsCutOffOrNeverComesIsForgotten() {
        settle(10, row(10, false), row(11, false), row(12, false), row(14, false));
        work.begin(record(10));
        work.begin(record(13));
        assertThat(work.heldElsewhere()).containsExactly(source(10), source(14));

        work.cut(14);

        assertThat(work.heldElsewhere()).containsExactly(source(10));
    }

    /** Deliveries, ends and releases in any order, and the partition may go in their midst. */
    @RepeatedTest(200)
    void theWatermarkNeverPassesWhatIsHeldAndEachIsBegunHereOnceAtMost() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int end = 30;
        List<HandoverRow> rows = new ArrayList<>();
        List<SourcePosition> open = new ArrayList<>();
        for (int offset = 0; offset < end; offset++) {
            if (random.nextBoolean()) {
                rows.add(row(offset, false));
                open.add(source(offset));
            }
        }
        work.settle(Maps.of(0, 0, List.of()), null, Map.of(), rows);
        work.pending(null);
        Collections.shuffle(open, random);
        Set<Long> begun = new HashSet<>();
        Set<Long> done = new HashSet<>();
        int next = 0;
        while (next < end || !open.isEmpty()) {
            if (next < end && (open.isEmpty() || random.nextBoolean())) {
                InFlightRecord delivered = record(next++);
                if (work.begin(delivered)) {
                    begin(seed, begun, delivered);
                    work.completed(delivered);
                    done.add(delivered.offset());
                }
            } else {
                SourcePosition each = open.removeLast();
                if (random.nextBoolean()) {
                    work.doneElsewhere(each);
                    done.add(each.offset());
                } else {
                    InFlightRecord released = work.releasedElsewhere(each);
                    if (released != null) {
                        begin(seed, begun, released);
                        work.completed(released);
                        done.add(released.offset());
                    }
                }
            }
            for (long offset = 0; offset < watermark(); offset++) {
                assertThat(done).as("seed %s, %s", seed, offset).contains(offset);
            }
        }
        assertThat(watermark()).as("seed %s", seed).isEqualTo(end);
        assertThat(work.openCount()).isZero();
    }

    private static void begin(long seed, Set<Long> begun, InFlightRecord record) {
        assertThat(begun.add(record.offset())).as("seed %s: %s twice", seed, record).isTrue();
    }

    private void settle(long base, HandoverRow... rows) {
        LogEpoch log = new LogEpoch(Uuid.randomUuid(), 0);
        work.settle(Maps.of(base, base, List.of(), log), null, Map.of(), List.of(rows));
        work.pending(null);
    }

    private long watermark() {
        return work.due(ROOM).map(OffsetAndMetadata::offset).orElseThrow();
    }

    private static HandoverRow row(long offset, boolean done) {
        return new HandoverRow(source(offset), "other", done, false);
    }

    private static SourcePosition source(long offset) {
        return new SourcePosition("requests", 0, offset, -1);
    }

    private InFlightRecord record(long offset) {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>("requests", 0, offset, null, new byte[10]);
        return new InFlightRecord(work, record, new RequestHandle(), 0);
    }
}
