package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.INSTANCE_KEY;
import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Steps.action;
import static dev.gantry.circuit.state.Steps.authQuickly;
import static dev.gantry.circuit.state.Steps.awaitProbe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.OperatorAction.Deny;
import dev.gantry.circuit.state.OperatorAction.Open;
import dev.gantry.circuit.state.OperatorAction.Reset;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;

@Timeout(120)
class OperatorTest {
    private static final LaneId SIBLING = lane("openai", "main", "large");
    private static final LaneId TWIN = lane("openai", "second", "small");
    private static final LaneId OTHER = lane("azure", "main", "small");

    /** Lesson 37. */
    @Test
    void denialSurvivesTripsExpiryAndTheRestartOfAllWorkers() throws Exception {
        try (CircuitFleet fleet =
                new CircuitFleet(authQuickly(), List.of(alone(LANE), alone(SIBLING)))) {
            Circuits first = fleet.join("a");
            first.operate(action(LANE_KEY.value(), new Deny()));
            CircuitFleet.await(first, LANE, Benched.class);

            first.failed(LANE, first.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            awaitProbe(first, SIBLING).succeeded();
            CircuitFleet.await(first, SIBLING, Admitted.class);
            first.failed(LANE, first.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            first.operate(action(LANE_KEY.value(), new Open(Duration.ofMillis(1))));
            first.close();
            Circuits second = fleet.join("b");

            assertThat(second.availability(LANE)).isEqualTo(new Benched(null, null, "because"));
            second.operate(action(LANE_KEY.value(), new Reset()));
            CircuitFleet.await(second, LANE, Admitted.class);
        }
    }

    @Test
    void whatAnOperatorWasToldIsDoneHoldsOnThatWorkerAtOnce() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            for (int turn = 0; turn < 20; turn++) {
                obeys(worker, new Deny(), Benched.class);
                obeys(worker, new Reset(), Admitted.class);
            }
        }
    }

    /** Where the worker is too busy to hear of it within a second, it is told before. */
    private static void obeys(
            Circuits worker, OperatorAction.Deed deed, Class<? extends LaneAvailability> then)
            throws Exception {
        long begun = System.nanoTime();
        worker.operate(action(LANE_KEY.value(), deed));
        if (System.nanoTime() - begun > Duration.ofSeconds(1).toNanos()) {
            CircuitFleet.await(worker, LANE, then);
        }
        assertThat(worker.availability(LANE)).isInstanceOf(then);
    }

    @Test
    void operatorsMeanWhatTheirTargetMatches() throws Exception {
        List<ScopeMembership> members =
                List.of(alone(LANE), alone(SIBLING), alone(TWIN), alone(OTHER));
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, members)) {
            Circuits worker = fleet.join("a");

            List<CircuitTransition> denied = worker.operate(action("openai:*:*:small", new Deny()));

            assertThat(denied)
                    .extracting(CircuitTransition::key)
                    .containsExactlyInAnyOrder(CircuitKey.ofLane(LANE), CircuitKey.ofLane(TWIN));
            assertThat(denied).allMatch(each -> each.cause().actor().equals("jo"));
            CircuitFleet.await(worker, TWIN, Benched.class);
            assertThat(worker.availability(SIBLING)).isInstanceOf(Admitted.class);
            assertThat(worker.operate(action("azure:main", new Open(Duration.ofMinutes(1)))))
                    .hasSize(1);
            CircuitFleet.await(worker, OTHER, Benched.class);
            assertThatThrownBy(() -> worker.operate(action("opnai:main", new Deny())))
                    .hasMessageContaining("opnai:main: no such circuit");
        }
    }

    @Test
    void theCommandLineNeedsNoWorker() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            CircuitAdmin admin = fleet.admin();

            assertThat(admin.rows()).isEmpty();
            assertThat(admin.operate(action(INSTANCE_KEY.value(), new Deny()), List.of()))
                    .hasSize(1);
            Circuits worker = fleet.join("a");

            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
            assertThat(admin.operate(action("*:*", new Reset()), List.of())).hasSize(1);
            CircuitFleet.await(worker, LANE, Admitted.class);
            assertThat(admin.rows()).extracting(CircuitStatus::key).containsExactly(INSTANCE_KEY);
        }
    }

    /** An upgrade is under way: the newer workers know lanes and kinds that this one does not. */
    @Test
    void readsATableThatANewerReleaseWritesToo() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            fleet.admin().operate(action(INSTANCE_KEY.value(), new Deny()), List.of());
            fleet.update("update ${schema}.circuit set kind = 'tomorrows'");
            fleet.update(
                    """
                    insert into ${schema}.circuit
                    select 'openai:main:video:x', state, since, until, ends_by, trips, kind, reason,
                           actor, counted_from, calls, failures, unknowns, lease_owner, lease_from,
                           lease_until, version
                    from ${schema}.circuit
                    """);

            Circuits worker = fleet.join("a");

            assertThat(worker.availability(LANE))
                    .isEqualTo(new Benched(null, ErrorKind.UNKNOWN, "because"));
        }
    }
}
