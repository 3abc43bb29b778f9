package dev.gantry.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.SimulatedFleet;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Which request carries a lane's probe, in simulated time. */
class ProbeCarrierTest {
    private static final LaneId A = new LaneId(Tier.CLOUD, "a", "x", ModelType.INFERENCE, "m");
    private static final LaneId B = new LaneId(Tier.CLOUD, "b", "x", ModelType.INFERENCE, "m");
    private static final Duration STEP = Duration.ofMillis(50);

    private final SimulatedFleet fleet =
            new SimulatedFleet(
                    1,
                    CircuitSettings.DEFAULT,
                    List.of(
                            new ScopeMembership(A, "a", QuotaScope.LANE),
                            new ScopeMembership(B, "b", QuotaScope.LANE)),
                    7);
    private final Circuits circuits = fleet.workers().getFirst();
    private final AdmissionControl admission =
            new AdmissionControl(
                    new AdmissionSettings(10, 1),
                    circuits,
                    fleet,
                    fleet,
                    () -> true,
                    new SplittableRandom(7));

    /** Half-open after the longest that its cooldown may vary to. */
    @BeforeEach
    void bench() {
        for (int call = 0; call < 3; call++) {
            circuits.called(A);
            circuits.failed(
                    A,
                    circuits.now(),
                    new LaneFailure(ErrorKind.SERVER, LaneFailure.Reach.LANE, null, "HTTP 500"));
        }
        pass(Duration.ofSeconds(19));
    }

    @Test
    void aRequestThatTheLaneHasFailedLeavesTheProbeToAnother() {
        QueuedRequest failed = waiting(ask(WhenBenched.WAIT, true, failed(A)));
        pass(Duration.ofSeconds(5));
        assertThat(failed.permit()).isNull();

        Permit innocent = granted(ask(WhenBenched.WAIT, true, untried(A)));

        assertThat(probe(innocent)).isTrue();
        assertThat(failed.permit()).isNull();
    }

    @Test
    void whereNobodyElseComesForHalfAMinuteAnybodyCarriesIt() {
        QueuedRequest failed = waiting(ask(WhenBenched.WAIT, true, failed(A)));
        pass(Duration.ofSeconds(20));
        assertThat(failed.permit()).as("not yet").isNull();

        pass(Duration.ofSeconds(15));

        assertThat(probe(failed.permit())).isTrue();
    }

    /** It is critical, or its first call decides. */
    @Test
    void evenOneThatMayNotCarryOneAtFirst() {
        QueuedRequest critical = waiting(ask(WhenBenched.WAIT, false, untried(A)));
        pass(Duration.ofSeconds(20));
        assertThat(critical.permit()).as("not yet").isNull();

        pass(Duration.ofSeconds(15));

        assertThat(probe(critical.permit())).isTrue();
    }

    /** Requests are sparse, and have another lane: the next one finds the ticket where it lay. */
    @Test
    void aTicketStaysUntilARequestComes() {
        Permit elsewhere = granted(ask(WhenBenched.WAIT, true, untried(A), untried(B)));
        assertThat(elsewhere.lane()).isEqualTo(B);
        admission.leave(elsewhere);
        pass(Duration.ofMinutes(12));

        Permit next = granted(ask(WhenBenched.WAIT, true, untried(B), untried(A)));

        assertThat(next.lane()).isEqualTo(A);
        assertThat(probe(next)).isTrue();
    }

    private void pass(Duration time) {
        for (long step = time.toMillis() / STEP.toMillis(); step > 0; step--) {
            fleet.advance(STEP);
            admission.lookAround();
        }
    }

    private static boolean probe(@Nullable Permit permit) {
        return permit instanceof Permit.Probing;
    }

    private static Candidate untried(LaneId lane) {
        return new Candidate(lane, Instant.MIN);
    }

    private static Candidate failed(LaneId lane) {
        return new Candidate(lane, Instant.MIN, Candidate.Past.FAILED);
    }

    private AdmissionResult ask(WhenBenched when, boolean mayProbe, Candidate... candidates) {
        AdmissionRequest ask =
                new AdmissionRequest(
                        new ArrayList<>(List.of(candidates)),
                        fleet.instant().plus(Duration.ofHours(1)),
                        mayProbe,
                        when);
        return admission.enter(ask, null);
    }

    private static QueuedRequest waiting(AdmissionResult result) {
        assertThat(result).isInstanceOf(AdmissionResult.Waiting.class);
        return ((AdmissionResult.Waiting) result).queued();
    }

    private static Permit granted(AdmissionResult result) {
        assertThat(result).isInstanceOf(AdmissionResult.Granted.class);
        return ((AdmissionResult.Granted) result).permit();
    }
}
