package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.reread.FetchGuard;
import dev.gantry.reread.RecordReader;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandle;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whatever goes wrong with a request, its partition moves on. */
class RequestJobTest {
    private final AssignedPartition partition =
            new AssignedPartition(
                    new TopicPartition("requests", 0), new HeldRecords(), Handover.NONE);
    private final List<Rejection> rejected = new ArrayList<>();

    @BeforeEach
    void begin() {
        partition.settle(OffsetMap.none(0), null, Map.of(), List.of());
    }

    @Test
    void aBugEndsTheRequestInsteadOfHoldingItsPartition() {
        run(
                new Handler() {
                    @Override
                    public Optional<SuspendedRun> work(
                            InferenceRequest request, RequestHandle handle, Completion end) {
                        throw new IllegalStateException("a bug");
                    }
                });

        assertThat(rejected).hasSize(1);
        assertThat(rejected.getFirst().code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(rejected.getFirst().customId()).isEqualTo("a");
        assertThat(partition.openCount()).isZero();
    }

    @Test
    void runningOutOfMemoryEndsTheRequestToo() {
        run(
                new Handler() {
                    @Override
                    public Optional<SuspendedRun> work(
                            InferenceRequest request, RequestHandle handle, Completion end) {
                        throw new OutOfMemoryError("no heap left for this answer");
                    }
                });

        assertThat(rejected).hasSize(1);
        assertThat(partition.openCount()).isZero();
    }

    @Test
    void aBugAfterTheEndChangesNothing() throws InterruptedException {
        run(
                new Handler() {
                    @Override
                    public Optional<SuspendedRun> work(
                            InferenceRequest request, RequestHandle handle, Completion end) {
                        end.safe();
                        throw new IllegalStateException("a bug in a witness");
                    }
                });

        assertThat(partition.openCount()).isZero();
        assertThat(partition.open().awaitQuiet(Duration.ZERO)).isTrue();
    }

    private void run(Handler handler) {
        ConsumerRecord<byte[], byte[]> record =
                new ConsumerRecord<>(
                        "requests",
                        0,
                        7,
                        null,
                        "{\"custom_id\":\"a\",\"body\":{}}".getBytes(StandardCharsets.UTF_8));
        InFlightRecord inFlight = new InFlightRecord(partition, record, new RequestHandle(), 0);
        partition.begin(inFlight);
        partition.open().started(inFlight);
        RequestDecoder decoder =
                new RequestDecoder(
                        RequestDecoderTest.settings().requestLimits(), InstantSource.system());

        try (RecordReader records =
                new RecordReader(() -> new MockConsumer<>("none"), new FetchGuard.Bounds(1, 1))) {
            new RequestJob(decoder, handler, records, new NobodyWaits()).begin(inFlight);
        }
    }

    /** No request of these tests waits for a lane. */
    private static final class NobodyWaits implements RequestJob.Parking {
        @Override
        public boolean lean() {
            return false;
        }

        @Override
        public void park(InFlightRecord inFlight, SuspendedRun run) {
            throw new AssertionError(inFlight + " waits");
        }
    }

    private abstract class Handler implements RequestHandler {
        @Override
        public void reject(Rejection rejection, Completion completion) {
            rejected.add(rejection);
            completion.safe();
        }
    }
}
