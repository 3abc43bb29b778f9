package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

class PollThreadTest {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final PollThread thread = new PollThread(stopping::get, ended::countDown);

    @Test
    void tellsOfALoopThatEndsByItself() throws InterruptedException {
        thread.execute(() -> {});

        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void tellsOfALoopThatAnErrorEnds() throws InterruptedException {
        var _ =
                thread.submitCompletable(
                        () -> {
                            throw new OutOfMemoryError("made up");
                        });

        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void saysNothingOfALoopThatWasToEnd() throws Exception {
        stopping.set(true);

        var loop = thread.submitCompletable(() -> {});
        Await.until("over", loop::isDone);

        assertThat(ended.getCount()).isOne();
    }
}
