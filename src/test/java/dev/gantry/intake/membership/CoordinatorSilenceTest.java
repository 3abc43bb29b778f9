package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class CoordinatorSilenceTest {
    private static final Duration ALLOWED = Duration.ofSeconds(60);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
    private final CoordinatorSilence silence = new CoordinatorSilence(nanos::get);

    @Test
    void anOutageIsNobodysSilence() {
        Duration since = Duration.ZERO;
        for (int seconds = 0; seconds < 600; seconds += 10) {
            since = passes(since, 10);
            silence.unanswered();
        }
        since = passes(since, 1);
        assertThat(silence.tooLong(since, ALLOWED)).as("the broker is just back").isFalse();

        since = passes(since, 59);
        assertThat(silence.tooLong(since, ALLOWED)).isFalse();

        since = passes(since, 1);
        assertThat(silence.tooLong(since, ALLOWED)).as("it has had its time").isTrue();
    }

    @Test
    void aHeartbeatAfterTheOutageEndsIt() {
        silence.unanswered();
        passes(Duration.ZERO, 3_600);

        assertThat(silence.tooLong(Duration.ofSeconds(60), ALLOWED)).isFalse();
        assertThat(silence.tooLong(Duration.ofSeconds(61), ALLOWED)).isTrue();
    }

    @Test
    void theBrokerIsAskedNowAndThen() {
        assertThat(silence.asks()).isFalse();
        passes(Duration.ZERO, 10);
        assertThat(silence.asks()).isTrue();
        assertThat(silence.asks()).isFalse();
        passes(Duration.ZERO, 9);
        assertThat(silence.asks()).isFalse();
        passes(Duration.ZERO, 1);
        assertThat(silence.asks()).isTrue();
    }

    private Duration passes(Duration since, int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
        return since.plusSeconds(seconds);
    }
}
