package dev.gantry.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.Random;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 100", "2, 200", "4, 800", "5, 1000", "1000000, 1000"})
    void doublesUpToTheCap(int failures, long millis) {
        assertThat(backoff.after(failures)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void variesBetweenHalfOfWhatIsDueAndAllOfIt() {
        Random random = new Random(7);
        Duration least = Duration.ofDays(1);
        Duration most = Duration.ZERO;
        for (int draw = 0; draw < 10_000; draw++) {
            Duration pause = backoff.after(2, random);
            least = pause.compareTo(least) < 0 ? pause : least;
            most = pause.compareTo(most) > 0 ? pause : most;
        }

        assertThat(least).isBetween(Duration.ofMillis(100), Duration.ofMillis(101));
        assertThat(most).isBetween(Duration.ofMillis(199), Duration.ofMillis(200));
    }

    @ParameterizedTest
    @CsvSource({"PT0S, PT1S", "PT2S, PT1S"})
    void refusesWhatNeverGrows(Duration first, Duration longest) {
        assertThatThrownBy(() -> new Backoff(first, longest))
                .hasMessageContaining("%s to %s".formatted(first, longest));
    }
}
