package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.second;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.FailureWindow.Batch;
import dev.gantry.testbed.Settings;

import org.junit.jupiter.api.Test;

class FailureWindowTest {
    @Test
    void benchesASilentLaneAtItsThirdFailureInAMinute() {
        FailureWindow two =
                FailureWindow.NONE
                        .plus(failure(), second(0), SHIPPED)
                        .plus(failure(), second(30), SHIPPED);

        assertThat(two.trips(SHIPPED)).isFalse();
        assertThat(two.plus(failure(), second(59), SHIPPED).trips(SHIPPED)).isTrue();
    }

    @Test
    void forgetsFailuresWithTheirWindow() {
        FailureWindow window = FailureWindow.NONE;
        for (int week = 0; week < 50; week++) {
            window = window.plus(failure(), second(week * 604_800.0), SHIPPED);
        }

        assertThat(window.trips(SHIPPED)).isFalse();
        assertThat(window.failures()).isEqualTo(1);
    }

    @Test
    void wantsHalfOfTheCallsToFail() {
        FailureWindow window = FailureWindow.NONE.plus(new Batch(4, 3, 0), second(0), SHIPPED);

        assertThat(window.trips(SHIPPED)).isFalse();
        assertThat(window.plus(failure(), second(1), SHIPPED).trips(SHIPPED)).isTrue();
    }

    /** A burst of errors at the turn of a window is not the whole of a busy lane's record. */
    @Test
    void remembersSuccessesIntoTheNextWindow() {
        FailureWindow busy = FailureWindow.NONE.plus(new Batch(10_000, 1, 0), second(0), SHIPPED);

        FailureWindow next = busy.plus(new Batch(0, 3, 0), second(61), SHIPPED);

        assertThat(next.trips(SHIPPED)).isFalse();
        assertThat(next.failures() / next.calls()).isLessThan(0.1);
    }

    @Test
    void benchesAtTheFifthFailureThatNoRuleKnows() {
        FailureWindow four = FailureWindow.NONE.plus(new Batch(0, 0, 4), second(0), SHIPPED);

        assertThat(four.trips(SHIPPED)).isFalse();
        assertThat(four.plus(new Batch(0, 0, 1), second(1), SHIPPED).trips(SHIPPED)).isTrue();
    }

    @Test
    void reachesEveryThresholdAndEveryRatio() {
        CircuitSettings strict =
                Settings.shipped(
                        CircuitSettings.class, "failure-threshold=200", "failure-ratio=1.0");
        FailureWindow window = FailureWindow.NONE.plus(new Batch(100_000, 1, 0), second(0), strict);

        int failures = 0;
        while (!window.trips(strict) && failures < 10_000) {
            window = window.plus(failure(), second(1), strict);
            failures++;
        }

        assertThat(failures).isBetween(200, 5_000);
    }

    private static Batch failure() {
        return new Batch(0, 1, 0);
    }
}
