package dev.gantry.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.LaneId;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;

class LaneLatenciesTest {
    private static final LaneId LANE =
            LaneDraft.lane("cloud:openai:main:inference:gpt-5-mini").build().id();

    private long nanos = 5;
    private final LaneLatencies latencies = new LaneLatencies(() -> nanos);

    @Test
    void saysNothingOfALaneWithTooFewAnswers() {
        assertThat(latencies.of(LANE)).isNull();
        answer(1, LaneLatencies.FEWEST - 1);
        assertThat(latencies.of(LANE)).isNull();
        answer(LaneLatencies.FEWEST, LaneLatencies.FEWEST);
        assertThat(latencies.of(LANE)).isNotNull();
    }

    @Test
    void takesTheQuantilesByNearestRank() {
        answer(1, 20);

        assertThat(latencies.of(LANE)).isEqualTo(quantiles(10, 19));
    }

    @Test
    void forgetsAllButTheLatest() {
        answer(1, 1000);

        assertThat(latencies.of(LANE)).isEqualTo(quantiles(968, 997));
    }

    @Test
    void forgetsALaneThatIsNotOfferedAnyMore() {
        answer(1, 20);

        latencies.keep(Set.of(LANE));
        assertThat(latencies.of(LANE)).isNotNull();
        latencies.keep(Set.of());
        assertThat(latencies.of(LANE)).isNull();
    }

    /** Legion, HealthTracker: latency samples count for 300 s. */
    @Test
    void forgetsWhatIsOldSoThatASlowLaneGetsAnotherChance() {
        answer(1, 10);
        nanos += LaneLatencies.WINDOW.toNanos() - 1;
        answer(11, 11);

        assertThat(latencies.of(LANE)).isEqualTo(quantiles(6, 11));
        nanos++;
        assertThat(latencies.of(LANE)).isNull();
        answer(12, 19);
        assertThat(latencies.of(LANE)).isNull();
        answer(20, 20);
        assertThat(latencies.of(LANE)).isEqualTo(quantiles(15, 20));
    }

    private void answer(int first, int last) {
        IntStream.rangeClosed(first, last)
                .forEach(millis -> latencies.answered(LANE, Duration.ofMillis(millis)));
    }

    private static LaneLatencies.Quantiles quantiles(int p50, int p95) {
        return new LaneLatencies.Quantiles(Duration.ofMillis(p50), Duration.ofMillis(p95));
    }
}
