package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.A;
import static dev.gantry.circuit.Samples.A_OTHER;
import static dev.gantry.circuit.Samples.A_SECOND;
import static dev.gantry.circuit.Samples.B;
import static dev.gantry.circuit.Samples.START;
import static dev.gantry.circuit.Samples.limited;
import static dev.gantry.circuit.Samples.trouble;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.Standing.Admitted;
import dev.gantry.circuit.Standing.Benched;
import dev.gantry.circuit.Standing.HalfOpen;
import dev.gantry.circuit.Trouble.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What benches what, on one worker without a database; nothing runs in the background. */
class CircuitsTest {
    private Instant now = START;

    @Test
    void lesson10BenchesAnInstanceAtOnceForABadKey() {
        Circuits circuits = circuits(QuotaScope.LANE);

        fail(circuits, A, trouble(ErrorKind.AUTH, Reach.INSTANCE));

        assertThat(circuits.standing(A)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(A_OTHER)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(A_SECOND)).isInstanceOf(Admitted.class);
    }

    @Test
    void anEntitlementThatIsMissingBenchesTheLaneAndTheKeyLives() {
        Circuits circuits = circuits(QuotaScope.LANE);

        fail(circuits, A, trouble(ErrorKind.AUTH, Reach.LANE));

        assertThat(circuits.standing(A)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(A_OTHER)).isInstanceOf(Admitted.class);
    }

    @Test
    void lesson2BenchesEveryInstanceOfAnAccountThatOwesAndNoOther() {
        Circuits circuits = circuits(QuotaScope.LANE);

        fail(circuits, A, trouble(ErrorKind.BILLING, Reach.ACCOUNT));

        assertThat(circuits.standing(A_OTHER)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(A_SECOND)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(B)).isInstanceOf(Admitted.class);
    }

    @Test
    void lesson43LimitsOneProvidersInstanceOnlyHoweverTheOthersIsCalled() {
        Circuits circuits = circuits(QuotaScope.INSTANCE);

        fail(circuits, A, limited(Duration.ofSeconds(20)));

        assertThat(circuits.standing(A_OTHER)).isInstanceOf(Benched.class);
        assertThat(circuits.standing(B)).isInstanceOf(Admitted.class);
    }

    @Test
    void aLimitReachesAsFarAsItsQuotaScope() {
        Circuits byLane = circuits(QuotaScope.LANE);
        Circuits byAccount = circuits(QuotaScope.ACCOUNT);

        fail(byLane, A, limited(Duration.ofSeconds(20)));
        fail(byAccount, A, limited(Duration.ofSeconds(20)));

        assertThat(byLane.standing(A_SECOND)).isInstanceOf(Admitted.class);
        assertThat(byAccount.standing(A_SECOND)).isInstanceOf(Benched.class);
        assertThat(byAccount.standing(A_OTHER)).isInstanceOf(Admitted.class);
    }

    @Test
    void aLimitThatNamesItsTimeEndsThenWithoutAProbeAndStartsSlowly() {
        Circuits circuits = circuits(QuotaScope.LANE);
        Standing before = circuits.standing(A);

        fail(circuits, A, limited(Duration.ofSeconds(20)));
        now = now.plusSeconds(23);

        assertThat(circuits.standing(A)).isInstanceOf(Admitted.class).isNotEqualTo(before);
    }

    @Test
    void lesson24IsHalfOpenByTimeAloneAndPassesNobodyWithoutATicket() {
        Circuits circuits = circuits(QuotaScope.LANE);

        fail(circuits, A, trouble(ErrorKind.AUTH, Reach.INSTANCE));
        now = now.plusSeconds(80);

        assertThat(circuits.standing(A)).isInstanceOf(HalfOpen.class);
        assertThat(circuits.probe(A)).isNull();
    }

    @Test
    void lesson28AFailureThatIsOursBenchesNothing() {
        Circuits circuits = circuits(QuotaScope.LANE);

        for (ErrorKind kind :
                List.of(
                        ErrorKind.BAD_REQUEST,
                        ErrorKind.CONTENT_POLICY,
                        ErrorKind.CONTEXT_OVERFLOW,
                        ErrorKind.POLICY_DENIED,
                        ErrorKind.CANCELLED,
                        ErrorKind.INTERNAL)) {
            for (int each = 0; each < 10; each++) {
                fail(circuits, A, trouble(kind, Reach.LANE));
            }
        }

        assertThat(circuits.standing(A)).isInstanceOf(Admitted.class);
    }

    @Test
    void stragglersOfCallsBegunBeforeChangeNothing() {
        Circuits circuits = circuits(QuotaScope.LANE);
        Instant began = circuits.now();
        fail(circuits, A, limited(Duration.ofSeconds(20)));
        now = now.plusSeconds(30);

        circuits.failed(A, began, limited(Duration.ofSeconds(20)));

        assertThat(circuits.standing(A)).isInstanceOf(Admitted.class);
    }

    private void fail(Circuits circuits, LaneId lane, Trouble trouble) {
        circuits.called(lane);
        circuits.failed(lane, circuits.now(), trouble);
    }

    private Circuits circuits(QuotaScope scope) {
        return Circuits.localOnly(
                Samples.SHIPPED,
                List.of(
                        new Membership(A, "acme", scope),
                        new Membership(A_OTHER, "acme", scope),
                        new Membership(A_SECOND, "acme", scope),
                        new Membership(B, "b:default", scope)),
                () -> now);
    }
}
