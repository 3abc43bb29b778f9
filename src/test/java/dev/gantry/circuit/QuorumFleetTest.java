package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Steps.DOWN;
import static dev.gantry.circuit.state.Steps.awaitLaterView;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.circuit.state.ScopeMembership.KeySource;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/** Whose evidence opens a lane for all, on the real table. */
@Timeout(120)
class QuorumFleetTest {
    private static final LaneId OTHER = lane("azure", "main", "small");

    @Test
    void whatOneWorkerSeesAloneHoldsBackThatWorkerAlone() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits cut = fleet.joinAlive("a");
            List<Circuits> well = List.of(fleet.joinAlive("b"), fleet.joinAlive("c"));
            well.forEach(each -> succeed(each, 20));

            fail(cut, LANE, 3);
            CircuitFleet.await(cut, LANE, Benched.class);
            Await.until("it is judged", () -> !cut.contradicted().isEmpty());

            assertThat(cut.contradicted()).containsExactly("openai:main");
            assertThat(well).allMatch(each -> each.availability(LANE) instanceof Admitted);
            assertThat(well).allMatch(each -> each.contradicted().isEmpty());
            assertThat(fleet.transitions()).isEmpty();
            assertThat(cut.availability(LANE)).isInstanceOf(Benched.class);
        }
    }

    /** Nobody would ever prove it, and a worker that has withdrawn for it would stay away. */
    @Test
    void whatOneWorkerSeesAloneIsForgottenWithItsLane() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits cut = fleet.joinAlive("a");
            succeed(fleet.joinAlive("b"), 20);
            fail(cut, LANE, 3);
            Await.until("it is judged", () -> !cut.contradicted().isEmpty());
            assertThat(cut.own()).hasSize(1);

            cut.offer(List.of(alone(OTHER)));
            fail(cut, LANE, 3);

            assertThat(cut.contradicted()).isEmpty();
            assertThat(cut.cutOff()).isEmpty();
            assertThat(cut.own()).isEmpty();
            assertThat(cut.probesReady()).isFalse();
            cut.offer(List.of(alone(LANE), alone(OTHER)));
            assertThat(cut.availability(LANE)).isInstanceOf(Admitted.class);
        }
    }

    @Test
    void whatTwoWorkersSeeHoldsBackTheThird() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits first = fleet.joinAlive("a");
            Circuits second = fleet.joinAlive("b");
            Circuits third = fleet.joinAlive("c");

            fail(first, LANE, 3);
            fail(second, LANE, 3);
            CircuitFleet.await(third, LANE, Benched.class);
            // The third may hear of it before the one that wrote it has told.
            Await.until("told", () -> !fleet.transitions().isEmpty());

            assertThat(fleet.transitions())
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN);
            assertThat(first.contradicted()).isEmpty();
        }
    }

    @Test
    void theOnlyCallerIsBelieved() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits caller = fleet.joinAlive("a");
            Circuits idle = fleet.joinAlive("b");

            fail(caller, LANE, 3);

            CircuitFleet.await(idle, LANE, Benched.class);
        }
    }

    /** Failures of many workers count together, though none has seen enough by itself. */
    @Test
    void aFewFailuresOfEachAreEnough() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            List<Circuits> workers =
                    List.of(
                            fleet.joinAlive("a"),
                            fleet.joinAlive("b"),
                            fleet.joinAlive("c"),
                            fleet.joinAlive("d"));

            workers.forEach(each -> fail(each, LANE, 1));

            for (Circuits each : workers) {
                CircuitFleet.await(each, LANE, Benched.class);
            }
        }
    }

    @Test
    void aFactHoldsBackAllAtOnce() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits first = fleet.joinAlive("a");
            Circuits second = fleet.joinAlive("b");
            succeed(second, 50);

            first.failed(LANE, first.now(), failure(ErrorKind.BILLING, Reach.ACCOUNT));

            CircuitFleet.await(second, LANE, Benched.class);
        }
    }

    /** The others may have read the new key already. */
    @Test
    void aRefusedKeyFromAFileHoldsBackItsReader() throws Exception {
        ScopeMembership member = new ScopeMembership(LANE, "acme", QuotaScope.LANE, KeySource.FILE);
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(member))) {
            Circuits stale = fleet.joinAlive("a");
            Circuits fresh = fleet.joinAlive("b");
            succeed(fresh, 5);
            stale.called(LANE);

            stale.failed(LANE, stale.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));

            assertThat(stale.availability(LANE)).isInstanceOf(Benched.class);
            Await.until("it is judged", () -> !stale.contradicted().isEmpty());
            assertThat(fresh.availability(LANE)).isInstanceOf(Admitted.class);
        }
    }

    /** Its statements know neither suspicions nor the change counter. */
    @Test
    void whatThePreviousReleaseWritesIsReadAsWell() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.joinAlive("a");
            Circuits raising = fleet.joinAlive("b");
            succeed(worker, 20);
            fail(raising, LANE, 3);
            Await.until("asked", () -> fleet.count(SUSPECTED) == 1);

            int rows =
                    fleet.update(
                            """
                            update ${schema}.circuit
                            set state = 'open', since = clock_timestamp(), ends_by = 'probe',
                                until = clock_timestamp() + interval '1 minute',
                                version = version + 1
                            where key = '%s'
                            """
                                    .formatted(LANE_KEY));

            assertThat(rows).isEqualTo(1);
            CircuitFleet.await(worker, LANE, Benched.class);
            fleet.update(
                    """
                    update ${schema}.circuit
                    set state = 'closed', since = clock_timestamp() + interval '1 second',
                        ends_by = null, until = null, calls = 0, failures = 0, unknowns = 0,
                        counted_from = null, version = version + 1
                    """);
            CircuitFleet.await(worker, LANE, Admitted.class);
        }
    }

    private static final String SUSPECTED =
            "select count(*) from ${schema}.circuit where suspected_at is not null";

    @Test
    void readsWhatHasChangedAndNotTheTable() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.joinAlive("a");
            worker.failed(OTHER, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            Await.until("the table knows", () -> worker.status().unsynced() == 0);
            CircuitStore store = fleet.store();
            CircuitStore.Snapshot all = store.read(CircuitStore.ALL);

            assertThat(all.rows()).hasSize(1);
            assertThat(store.read(all.mark()).rows()).isEmpty();
            fleet.update("update ${schema}.circuit set version = version + 1");
            assertThat(store.read(all.mark()).rows()).hasSize(1);
            awaitLaterView(worker);
        }
    }

    @Test
    void sweepsRowsThatSayNoMoreThanNone() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.joinAlive("a");
            worker.failed(OTHER, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            worker.failed(LANE, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            Await.until("the table knows", () -> worker.status().unsynced() == 0);
            fleet.update(
                    """
                    update ${schema}.circuit
                    set state = 'closed', until = null, ends_by = null, trips = 0,
                        since = clock_timestamp() - interval '11 minutes'
                    where key = '%s'
                    """
                            .formatted(LANE_KEY));
            awaitLaterView(worker);

            fleet.store().sweep();

            assertThat(fleet.count("select count(*) from ${schema}.circuit")).isEqualTo(1);
            worker.failed(LANE, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            Await.until("it is there again", () -> rows(fleet) == 2);
        }
    }

    private static long rows(CircuitFleet fleet) {
        return fleet.count("select count(*) from ${schema}.circuit where state = 'open'");
    }

    private static CircuitFleet fleet() throws InterruptedException {
        return new CircuitFleet(SHIPPED, List.of(alone(LANE), alone(OTHER)));
    }

    private static void fail(Circuits worker, LaneId lane, int calls) {
        for (int call = 0; call < calls; call++) {
            worker.called(lane);
            worker.failed(lane, worker.now(), DOWN);
        }
    }

    private static void succeed(Circuits worker, int calls) {
        for (int call = 0; call < calls; call++) {
            worker.called(LANE);
            worker.answered(LANE);
        }
    }
}
