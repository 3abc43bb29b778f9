package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.event.Envelope;
import dev.gantry.event.Origin;
import dev.gantry.metering.MeteringSamples;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

class PendingAcksTest {
    private final AtomicInteger completions = new AtomicInteger();
    private final PendingAcks acks = acks(completions);

    @Test
    void completesOnceSealedAndAllRecordsAreSafe() {
        Runnable one = acks.expect();
        Runnable other = acks.expect();

        one.run();
        acks.seal();

        assertThat(completions).hasValue(0);
        assertThat(acks.outstanding()).isEqualTo(1);
        other.run();
        assertThat(completions).hasValue(1);
    }

    @Test
    void staysOpenUntilItIsSealed() {
        acks.expect().run();

        assertThat(completions).hasValue(0);
        assertThat(acks.outstanding()).isZero();
    }

    @Test
    void completesOnceHoweverOftenItIsSealed() {
        acks.seal();
        acks.seal();

        assertThat(completions).hasValue(1);
    }

    @Test
    void takesNoRecordOnceComplete() {
        acks.seal();

        assertThatThrownBy(acks::expect).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void completesExactlyOnceUnderConcurrentAcknowledgements() {
        List<AtomicInteger> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 2_000; round++) {
                AtomicInteger count = new AtomicInteger();
                PendingAcks each = acks(count);
                all.add(count);
                for (int i = 0; i < 3; i++) {
                    threads.execute(each.expect());
                }
                threads.execute(each::seal);
            }
        }

        assertThat(all).allSatisfy(count -> assertThat(count).hasValue(1));
    }

    private static PendingAcks acks(AtomicInteger completions) {
        Envelope envelope =
                Envelope.of(
                        Envelope.source(new Origin("default", "w", "b")),
                        MeteringSamples.request());
        return new PendingAcks(
                envelope, MeteringSamples.request().source(), completions::incrementAndGet);
    }
}
