package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.CircuitSamples.NOW;
import static dev.gantry.circuit.state.CircuitSamples.OURS;
import static dev.gantry.circuit.state.CircuitSamples.circuit;
import static dev.gantry.circuit.state.CircuitSamples.closed;
import static dev.gantry.circuit.state.CircuitSamples.failures;
import static dev.gantry.circuit.state.CircuitSamples.half;
import static dev.gantry.circuit.state.CircuitSamples.hit;
import static dev.gantry.circuit.state.CircuitSamples.open;
import static dev.gantry.circuit.state.Samples.INSTANCE_KEY;
import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.second;
import static dev.gantry.circuit.state.Samples.trip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.ErrorKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class CooldownTest {
    /** Lesson 42. */
    @Test
    void theSecondBenchIsLongerThanTheFirst() {
        Circuit first = closed(0).after(failures(NOW, 3), SHIPPED);
        Circuit closed = probed(first, Outcome.PROVED);
        Instant soon = closed.state().since().plusSeconds(10);

        Circuit second = closed.after(failures(soon, 3), SHIPPED);

        assertThat(length(first)).isEqualTo(Duration.ofSeconds(15));
        assertThat(length(second)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void eachCooldownSpentClosedForgetsATrip() {
        Circuit remembering = closed(3);

        assertThat(trips(remembering, 59)).isEqualTo(4);
        assertThat(trips(remembering, 60)).isEqualTo(3);
        assertThat(trips(remembering, 60 + 29)).isEqualTo(3);
        assertThat(trips(remembering, 60 + 30)).isEqualTo(2);
        assertThat(trips(remembering, 60 + 30 + 15)).isEqualTo(1);
    }

    @Test
    void aFailedProbeDoublesTheCooldownUpToTheCap() {
        Circuit circuit = closed(0).after(failures(NOW, 3), SHIPPED);

        List<Long> seconds = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            seconds.add(length(circuit).toSeconds());
            circuit = probed(circuit, Outcome.DISPROVED);
        }

        assertThat(seconds).containsExactly(15L, 30L, 60L, 120L, 240L, 480L, 600L, 600L);
    }

    @ParameterizedTest
    @CsvSource({
        "RATE_LIMIT,    false, 1,   60",
        "AUTH,          true,  60,  3600",
        "AUTH,          false, 600, 3600",
        "MODEL_MISSING, false, 600, 3600",
        "BILLING,       true,  300, 3600",
    })
    void aOneHitKindHasItsOwnCooldown(ErrorKind kind, boolean instance, long first, long most) {
        Circuit circuit = Circuit.pristine(instance ? INSTANCE_KEY : LANE_KEY);

        circuit = circuit.after(hit(NOW, kind), SHIPPED);
        Duration once = length(circuit);
        for (int round = 0; round < 10; round++) {
            circuit = again(circuit, kind);
        }

        assertThat(once).isEqualTo(Duration.ofSeconds(first));
        assertThat(length(circuit)).isEqualTo(Duration.ofSeconds(most));
    }

    @ParameterizedTest
    @CsvSource({"-1, 12000", "0, 15000", "1, 18000"})
    void aCooldownVariesByAFifth(double jitter, long millis) {
        TripFailure trip = trip(ErrorKind.SERVER, null, jitter);

        Circuit open =
                closed(0)
                        .after(
                                new CircuitEvent.Counted(
                                        NOW, NOW, new FailureWindow.Batch(0, 3, 0), trip),
                                SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"-1, 1050", "0, 1000", "0.5, 1025"})
    void aWaitThatTheProviderGaveEndsByTimeAndNeverBefore(double jitter, long millis) {
        TripFailure trip = trip(ErrorKind.RATE_LIMIT, Duration.ofSeconds(1), jitter);

        Circuit open = closed(2).after(new CircuitEvent.Tripped(NOW, NOW, trip), SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofMillis(millis));
        assertThat(open.at(NOW.plusMillis(millis))).isInstanceOf(CircuitState.Closed.class);
        assertThat(open.trips()).as("not doubled").isLessThanOrEqualTo(2);
    }

    @Test
    void aRefusedProbeThatIsToldWhenToComeBackEndsByTimeToo() {
        TripFailure trip = trip(ErrorKind.RATE_LIMIT, Duration.ofSeconds(7));

        Circuit open =
                circuit("probed").after(new CircuitEvent.Disproved(NOW, OURS, trip), SHIPPED);

        assertThat(open.state())
                .isEqualTo(new CircuitState.Open(NOW, NOW.plusSeconds(7), CircuitState.End.TIME));
    }

    @Test
    void anOverloadedProviderIsLeftAloneAsLongAsItAsks() {
        TripFailure trip = trip(ErrorKind.OVERLOADED, Duration.ofSeconds(100));

        Circuit open =
                closed(0)
                        .after(
                                new CircuitEvent.Counted(
                                        NOW, NOW, new FailureWindow.Batch(0, 3, 0), trip),
                                SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofSeconds(100));
        assertThat(open.at(NOW.plusSeconds(100))).isInstanceOf(CircuitState.HalfOpen.class);
    }

    private enum Outcome {
        PROVED,
        DISPROVED
    }

    private static Circuit probed(Circuit open, Outcome outcome) {
        return probed(open, outcome, ErrorKind.SERVER);
    }

    /** Claims the probe as soon as it is due, and closes it a second later. */
    private static Circuit probed(Circuit open, Outcome outcome, ErrorKind kind) {
        Instant due = ((CircuitState.Open) open.state()).until();
        Lease lease = new Lease("w-1", due, due.plusSeconds(75));
        Circuit half = open.after(new CircuitEvent.Claimed(due, lease), SHIPPED);
        Instant end = due.plusSeconds(1);
        return half.after(
                switch (outcome) {
                    case PROVED -> new CircuitEvent.Proved(end, lease);
                    case DISPROVED -> new CircuitEvent.Disproved(end, lease, trip(kind, null));
                },
                SHIPPED);
    }

    /** As soon as it may: a probe, or the first call after a limit's bench, fails. */
    private static Circuit again(Circuit open, ErrorKind kind) {
        CircuitState.Open phase = (CircuitState.Open) open.state();
        return phase.end() == CircuitState.End.TIME
                ? open.after(hit(phase.until(), kind), SHIPPED)
                : probed(open, Outcome.DISPROVED, kind);
    }

    private static int trips(Circuit closed, long after) {
        return closed.after(failures(closed.state().since().plusSeconds(after), 3), SHIPPED)
                .trips();
    }

    private static Duration length(Circuit circuit) {
        CircuitState.Open open = (CircuitState.Open) circuit.state();
        return Duration.between(open.since(), open.until());
    }
}
