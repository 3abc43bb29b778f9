package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.offset.Maps;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.worker.RequestHandle;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An offset is done for the record that stood there, and for no other. */
class AssignedPartitionTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);
    private static final int ROOM = 4096;

    private final HeldRecords held = new HeldRecords();
    private final AssignedPartition work = new AssignedPartition(PARTITION, held, Handover.NONE);
    private final LogEpoch old = new LogEpoch(Uuid.randomUuid(), 0);

    @BeforeEach
    void settle() {
        work.settle(Maps.of(10, 10, List.of(), old), null, Map.of(12L, 120L), List.of());
        work.pending(null);
    }

    @Test
    void nothingIsCommittedBeforeItIsKnownWhereToBegin() {
        AssignedPartition unknown = new AssignedPartition(PARTITION, held, Handover.NONE);

        assertThat(unknown.due(ROOM)).isEmpty();
        assertThat(unknown.begin(inFlight(unknown, 0, 0, "a"))).isFalse();
        assertThat(unknown.state(0).watermark()).isEqualTo(PartitionState.UNKNOWN);
        work.pending("the broker has nothing at the position");
        assertThat(work.due(ROOM)).isEmpty();
        assertThat(work.unsaved(ROOM)).isEmpty();
    }

    @Test
    void whatIsFinishedBesideTheOffsetsIsSkippedUnlessAnotherRecordStandsThere() {
        assertThat(work.begin(inFlight(12, 120, "a"))).isFalse();
        assertThat(watermark()).isEqualTo(13);

        work.settle(OffsetMap.none(10), null, Map.of(12L, 120L), List.of());
        assertThat(work.begin(inFlight(12, 121, "a"))).isTrue();
        assertThat(watermark()).isEqualTo(12);
    }

    @Test
    void workForADeletedTopicCompletesNoOffsetOfTheNewOne() {
        InFlightRecord before = inFlight(10, 100, "old");
        assertThat(work.begin(before)).isTrue();
        assertThat(work.open().started(before)).isTrue();
        work.startOver(fresh(0));
        for (int offset = 0; offset < 10; offset++) {
            assertThat(work.begin(inFlight(offset, 500 + offset, "new"))).isTrue();
        }
        InFlightRecord after = inFlight(10, 510, "new");
        assertThat(work.begin(after)).isTrue();

        work.completed(before);

        assertThat(watermark()).isZero();
        assertThat(work.openCount()).isEqualTo(11);
        assertThat(held.records()).isEqualTo(11);
    }

    @Test
    void whatWasReadOfTheNewTopicBeforeItWasNoticedIsNotWorkedOnTwice() {
        InFlightRecord open = inFlight(10, 510, "new open");
        InFlightRecord done = inFlight(11, 511, "new done");
        assertThat(work.begin(open)).isTrue();
        assertThat(work.begin(done)).isTrue();
        assertThat(work.open().started(open)).isTrue();
        assertThat(work.open().started(done)).isTrue();
        work.completed(done);

        work.startOver(fresh(10));

        assertThat(work.begin(inFlight(10, 510, "new open"))).isFalse();
        assertThat(work.begin(inFlight(11, 511, "new done"))).isFalse();
        assertThat(work.begin(inFlight(12, 512, "new"))).isTrue();
        assertThat(watermark()).isEqualTo(10);
        work.completed(open);
        assertThat(watermark()).isEqualTo(12);
    }

    @Test
    void theSameTimestampAloneMakesNoSameRecord() {
        assertThat(work.begin(inFlight(10, 0, "old"))).isTrue();

        work.startOver(fresh(10));

        assertThat(work.begin(inFlight(10, 0, "new"))).isTrue();
        assertThat(held.records()).isEqualTo(2);
    }

    @Test
    void whatIsKnownToBeOfTheOldTopicIsNeverTakenForTheNewOnes() {
        InFlightRecord before = inFlight(10, 0, "alike");
        assertThat(work.begin(before)).isTrue();
        work.verified(before.arrivedNanos() + 1);

        work.startOver(fresh(10));

        assertThat(work.begin(inFlight(10, 0, "alike"))).isTrue();
    }

    @Test
    void aDeliveryBelowThePositionStartsOverThere() {
        for (int offset = 10; offset < 20; offset++) {
            InFlightRecord each = inFlight(offset, offset, "first");
            work.begin(each);
            work.open().started(each);
            work.completed(each);
        }
        assertThat(watermark()).isEqualTo(20);

        assertThat(work.begin(inFlight(13, 500, "second"))).isTrue();

        assertThat(watermark()).isEqualTo(13);
        assertThat(work.position()).isEqualTo(14);
    }

    @Test
    void whatIsCutOffIsForgotten() {
        InFlightRecord kept = inFlight(10, 100, "kept");
        InFlightRecord lost = inFlight(15, 150, "lost");
        work.begin(kept);
        work.begin(lost);
        work.open().started(lost);

        work.cut(14);
        assertThat(work.begin(inFlight(14, 140, "new"))).isTrue();
        assertThat(work.begin(inFlight(15, 151, "new"))).isTrue();
        work.completed(lost);

        assertThat(work.openCount()).isEqualTo(3);
        assertThat(watermark()).isEqualTo(10);
    }

    @Test
    void theEpochOfAMapIsNotLoweredByWhatIsDeliveredAgain() {
        work.settle(
                Maps.of(10, 20, List.of(10L), new LogEpoch(old.topic(), 5)),
                null,
                Map.of(),
                List.of());

        work.begin(inFlight(10, 100, "again"));

        assertThat(work.lineage().epoch()).isEqualTo(5);
    }

    @Test
    void whatFindsNoRoomIsOfferedOnceUntilItIsSaved() {
        for (int offset = 10; offset < 1_010; offset++) {
            InFlightRecord each = inFlight(offset, offset * 10L, "r");
            assertThat(work.begin(each)).isEqualTo(offset != 12);
            if (offset % 2 == 1) {
                work.open().started(each);
                work.completed(each);
            }
        }
        int room = 128;
        Map<Long, Long> rows = work.unsaved(room);
        assertThat(rows)
                .isNotEmpty()
                .allSatisfy((at, stamp) -> assertThat(stamp).isEqualTo(at * 10));

        work.saved(rows);

        assertThat(work.unsaved(room)).isEmpty();
        assertThat(work.due(room)).isPresent();
        assertThat(work.mapTruncated()).isFalse();
        assertThat(work.unsaved(ROOM)).isEmpty();
    }

    @Test
    void whatTheBrokerHasNotBeenToldIsKnownWithItsTimestamps() {
        for (int offset = 10; offset < 16; offset++) {
            InFlightRecord each = inFlight(offset, offset * 10L, "r");
            if (work.begin(each) && offset != 13) {
                work.completed(each);
            }
        }
        assertThat(work.uncommitted())
                .isEqualTo(Map.of(10L, 100L, 11L, 110L, 12L, 120L, 14L, 140L, 15L, 150L));

        work.committed(work.due(ROOM).orElseThrow());

        assertThat(work.uncommitted()).isEmpty();
        InFlightRecord later = inFlight(16, 160, "r");
        work.begin(later);
        work.completed(later);
        assertThat(work.uncommitted()).isEqualTo(Map.of(16L, 160L));
    }

    @Test
    void whatIsSavedAfterALongWayBackIsTaken() {
        work.settle(Maps.of(1_000_000, 1_000_000, List.of(), old), null, Map.of(), List.of());
        work.begin(inFlight(1_000_000, 1, "far"));

        work.cut(10);
        InFlightRecord waits = inFlight(10, 100, "waits");
        InFlightRecord done = inFlight(11, 110, "done");
        work.begin(waits);
        work.begin(done);
        work.open().started(done);
        work.completed(done);
        work.saved(Map.of(11L, 110L));

        assertThat(work.unsaved(0)).isEmpty();
        assertThat(watermark()).isEqualTo(10);
    }

    @Test
    void whatIsFetchedTwiceIsNeitherWorkedOnNorForgotten() {
        InFlightRecord waits = inFlight(10, 100, "waits");
        InFlightRecord done = inFlight(11, 110, "done");
        work.begin(waits);
        work.begin(done);
        work.open().started(done);
        work.completed(done);
        work.verified(System.nanoTime());

        assertThat(work.begin(inFlight(10, 100, "waits"))).isFalse();
        assertThat(work.begin(inFlight(11, 110, "done"))).isFalse();

        assertThat(work.position()).isEqualTo(12);
        assertThat(work.skips()).isOne();
        assertThat(work.openCount()).isOne();
        assertThat(work.noticed()).isNull();
        work.open().started(waits);
        work.completed(waits);
        assertThat(watermark()).isEqualTo(12);
    }

    @Test
    void aLaterLeadersRecordInThePlaceOfADoneOneIsWorkedOn() {
        work.settle(Maps.of(10, 20, List.of(10L), old), null, Map.of(), List.of());
        assertThat(work.begin(inFlight(10, 100, "kept"))).isTrue();
        assertThat(work.begin(inFlight(11, 110, "done"))).isFalse();

        assertThat(work.begin(inFlight(work, 15, 500, "new", 1))).isTrue();
        assertThat(work.begin(inFlight(work, 16, 501, "new", 1))).isTrue();

        assertThat(work.lineage().epoch()).isOne();
        assertThat(work.openCount()).isEqualTo(3);
        assertThat(work.noticed())
                .isEqualTo(new LogResets.Place(PARTITION, LogResets.Reason.TRUNCATED, 20, 15));
        assertThat(work.noticed()).isNull();
    }

    @Test
    void aMapThatNamesNoEpochIsNotCutByTheEpochsOfItsOwnRecords() {
        work.settle(Maps.of(10, 20, List.of(10L)), null, Map.of(), List.of());
        assertThat(work.begin(inFlight(10, 100, "open"))).isTrue();

        assertThat(work.begin(inFlight(work, 15, 150, "done", 1))).isFalse();

        assertThat(work.noticed()).isNull();
    }

    @Test
    void twoSetbacksInARowForgetNoTicket() {
        InFlightRecord open = inFlight(10, 510, "new open");
        assertThat(work.begin(open)).isTrue();

        work.startOver(fresh(5));
        work.startOver(fresh(9));

        assertThat(work.begin(inFlight(9, 509, "new"))).isTrue();
        assertThat(work.begin(inFlight(10, 510, "new open"))).isFalse();
        assertThat(held.records()).isEqualTo(2);
    }

    private OffsetMap fresh(long start) {
        return Maps.of(start, start, List.of(), new LogEpoch(Uuid.randomUuid(), LogEpoch.NO_EPOCH));
    }

    private long watermark() {
        return work.due(ROOM).map(OffsetAndMetadata::offset).orElseThrow();
    }

    private InFlightRecord inFlight(long offset, long timestamp, String body) {
        return inFlight(work, offset, timestamp, body);
    }

    private static InFlightRecord inFlight(
            AssignedPartition of, long offset, long timestamp, String body) {
        return inFlight(of, offset, timestamp, body, 0);
    }

    private static InFlightRecord inFlight(
            AssignedPartition of, long offset, long timestamp, String body, int epoch) {
        byte[] value = body.getBytes(StandardCharsets.UTF_8);
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(
                        PARTITION.topic(),
                        PARTITION.partition(),
                        offset,
                        timestamp,
                        TimestampType.CREATE_TIME,
                        0,
                        value.length,
                        null,
                        value,
                        new RecordHeaders(),
                        Optional.of(epoch));
        return new InFlightRecord(of, record, new RequestHandle(), System.nanoTime());
    }
}
