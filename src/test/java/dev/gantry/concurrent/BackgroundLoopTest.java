package dev.gantry.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(90)
class BackgroundLoopTest {
    private static final Duration LONG = Duration.ofDays(1);

    private final AtomicInteger passes = new AtomicInteger();
    private final Semaphore made = new Semaphore(0);

    private void pass() {
        passes.incrementAndGet();
        made.release();
    }

    @Test
    void aCallEndsTheRest() throws InterruptedException {
        try (BackgroundLoop loop = BackgroundLoop.every(LONG, "test", this::pass)) {
            loop.start();
            made.acquire();

            loop.call();
            made.acquire();

            assertThat(passes).hasValue(2);
        }
    }

    @Test
    void aCallDuringAPassIsFollowedByAnotherPass() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (BackgroundLoop loop =
                BackgroundLoop.every(
                        LONG,
                        "test",
                        () -> {
                            begun.countDown();
                            go.await();
                            pass();
                        })) {
            loop.start();
            begun.await();

            loop.call();
            go.countDown();

            made.acquire(2);
        }
    }

    @Test
    void restsForAsLongAsThePassSays() throws InterruptedException {
        try (BackgroundLoop loop =
                BackgroundLoop.of(
                        "test",
                        () -> {
                            pass();
                            return passes.get() < 3 ? Duration.ofMillis(1) : LONG;
                        })) {
            loop.start();

            made.acquire(3);
        }

        assertThat(passes).hasValue(3);
    }

    @Test
    void aPassThatFailsIsMadeAgain() throws InterruptedException {
        try (BackgroundLoop loop =
                BackgroundLoop.every(
                        LONG,
                        "test",
                        () -> {
                            pass();
                            if (passes.get() == 1) {
                                throw new AssertionError("made up");
                            }
                        })) {
            loop.start();

            made.acquire(2);
        }
    }

    @Test
    void closingLetsAPassEnd() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        BackgroundLoop loop =
                BackgroundLoop.every(
                        Duration.ZERO,
                        "test",
                        () -> {
                            begun.countDown();
                            closing.await();
                            pass();
                        });
        loop.start();
        begun.await();

        Thread closer = Thread.ofVirtual().start(loop::close);
        while (!loop.closed()) {
            Thread.onSpinWait();
        }
        closing.countDown();
        closer.join();

        assertThat(passes).hasValue(1);
    }

    @Test
    void closingInterruptsWhoeverWaits() throws InterruptedException {
        SynchronousQueue<Integer> nothing = new SynchronousQueue<>();
        CountDownLatch ended = new CountDownLatch(1);
        BackgroundLoop loop =
                BackgroundLoop.waiting(
                        "test",
                        () -> {
                            pass();
                            try {
                                nothing.take();
                            } finally {
                                ended.countDown();
                            }
                        });
        loop.start();
        made.acquire();

        loop.close();

        assertThat(ended.getCount()).isZero();
        assertThat(passes).hasValue(1);
    }

    @Test
    void makesALastPassWhereThatIsAskedFor() throws InterruptedException {
        BackgroundLoop loop = BackgroundLoop.every(LONG, "test", this::pass);
        loop.start();
        made.acquire();

        loop.closeAfterAPass();

        assertThat(passes).hasValue(2);
    }

    @Test
    void whatWasNeverStartedClosesAtOnce() {
        BackgroundLoop loop = BackgroundLoop.every(LONG, "test", this::pass);

        loop.close();

        assertThat(passes).hasValue(0);
    }
}
