package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.metering.Samples;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

class ReceiptTest {
    private final AtomicInteger completions = new AtomicInteger();
    private final Receipt receipt = receipt(completions);

    @Test
    void completesOnceSealedAndAllRecordsAreSafe() {
        Runnable one = receipt.expect();
        Runnable other = receipt.expect();

        one.run();
        receipt.seal();

        assertThat(completions).hasValue(0);
        assertThat(receipt.outstanding()).isEqualTo(1);
        other.run();
        assertThat(completions).hasValue(1);
    }

    @Test
    void staysOpenUntilItIsSealed() {
        receipt.expect().run();

        assertThat(completions).hasValue(0);
        assertThat(receipt.outstanding()).isZero();
    }

    @Test
    void completesOnceHoweverOftenItIsSealed() {
        receipt.seal();
        receipt.seal();

        assertThat(completions).hasValue(1);
    }

    @Test
    void takesNoRecordOnceComplete() {
        receipt.seal();

        assertThatThrownBy(receipt::expect).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void completesExactlyOnceUnderConcurrentAcknowledgements() {
        List<AtomicInteger> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 2_000; round++) {
                AtomicInteger count = new AtomicInteger();
                Receipt each = receipt(count);
                all.add(count);
                for (int i = 0; i < 3; i++) {
                    threads.execute(each.expect());
                }
                threads.execute(each::seal);
            }
        }

        assertThat(all).allSatisfy(count -> assertThat(count).hasValue(1));
    }

    private static Receipt receipt(AtomicInteger completions) {
        Envelope envelope =
                Envelope.of(Envelope.source(new Origin("default", "w", "b")), Samples.request());
        return new Receipt(envelope, Samples.request().source(), completions::incrementAndGet);
    }
}
