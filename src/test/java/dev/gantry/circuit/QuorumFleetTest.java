package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Steps.DOWN;

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

/**
 * Whose evidence opens a lane for all, on the real table. Passes are made by hand: who has not
 * answered within a second is not heard, and threads answer when the machine lets them.
 */
@Timeout(120)
class QuorumFleetTest {
    private static final LaneId OTHER = lane("azure", "main", "small");

    @Test
    void whatOneWorkerSeesAloneHoldsBackThatWorkerAlone() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits cut = fleet.stand("a");
            List<Circuits> well = List.of(fleet.stand("b"), fleet.stand("c"));

            fail(cut, LANE, 3);
            cut.pass();
            assertThat(cut.availability(LANE)).isInstanceOf(Benched.class);
            well.forEach(each -> succeed(each, 20));
            well.forEach(CircuitFleet::hear);
            awaitContradicted(cut);
            well.forEach(CircuitFleet::hear);

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
            Circuits cut = fleet.stand("a");
            Circuits well = fleet.stand("b");
            fail(cut, LANE, 3);
            cut.pass();
            succeed(well, 20);
            CircuitFleet.hear(well);
            awaitContradicted(cut);
            assertThat(cut.own()).hasSize(1);

            cut.offer(List.of(alone(OTHER)));
            fail(cut, LANE, 3);
            cut.pass();

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
            Circuits first = fleet.stand("a");
            Circuits second = fleet.stand("b");
            Circuits third = fleet.stand("c");

            fail(first, LANE, 3);
            fail(second, LANE, 3);
            List.of(first, second).forEach(Circuits::pass);
            awaitBenched(third, List.of(first, second, third));

            assertThat(fleet.transitions())
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN);
            assertThat(first.contradicted()).isEmpty();
        }
    }

    @Test
    void theOnlyCallerIsBelieved() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits caller = fleet.stand("a");
            Circuits idle = fleet.stand("b");

            fail(caller, LANE, 3);

            awaitBenched(idle, List.of(caller, idle));
        }
    }

    /** Failures of many workers count together, though none has seen enough by itself. */
    @Test
    void aFewFailuresOfEachAreEnough() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            List<Circuits> workers =
                    List.of(fleet.stand("a"), fleet.stand("b"), fleet.stand("c"), fleet.stand("d"));

            workers.forEach(each -> fail(each, LANE, 1));
            workers.forEach(Circuits::pass);

            for (Circuits each : workers) {
                awaitBenched(each, workers);
            }
        }
    }

    @Test
    void aFactHoldsBackAllAtOnce() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits first = fleet.stand("a");
            Circuits second = fleet.stand("b");
            succeed(second, 50);

            first.failed(LANE, first.now(), failure(ErrorKind.BILLING, Reach.ACCOUNT));
            first.pass();
            CircuitFleet.hear(second);

            assertThat(second.availability(LANE)).isInstanceOf(Benched.class);
        }
    }

    /** The others may have read the new key already. */
    @Test
    void aRefusedKeyFromAFileHoldsBackItsReader() throws Exception {
        ScopeMembership member = new ScopeMembership(LANE, "acme", QuotaScope.LANE, KeySource.FILE);
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(member))) {
            Circuits stale = fleet.stand("a");
            Circuits fresh = fleet.stand("b");
            stale.called(LANE);

            stale.failed(LANE, stale.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            stale.pass();

            assertThat(stale.availability(LANE)).isInstanceOf(Benched.class);
            succeed(fresh, 5);
            CircuitFleet.hear(fresh);
            awaitContradicted(stale);
            CircuitFleet.hear(fresh);
            assertThat(fresh.availability(LANE)).isInstanceOf(Admitted.class);
        }
    }

    /** Its statements know neither suspicions nor the change counter. */
    @Test
    void whatThePreviousReleaseWritesIsReadAsWell() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.stand("a");
            Circuits raising = fleet.stand("b");
            fail(raising, LANE, 3);
            raising.pass();
            assertThat(fleet.count(SUSPECTED)).as("asked").isEqualTo(1);

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
            CircuitFleet.hear(worker);
            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
            fleet.update(
                    """
                    update ${schema}.circuit
                    set state = 'closed', since = clock_timestamp() + interval '1 second',
                        ends_by = null, until = null, calls = 0, failures = 0, unknowns = 0,
                        counted_from = null, version = version + 1
                    """);
            CircuitFleet.hear(worker);
            assertThat(worker.availability(LANE)).isInstanceOf(Admitted.class);
        }
    }

    private static final String UNSETTLED =
            """
            select count(*) from ${schema}.circuit
            where changed >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            """;

    private static final String SUSPECTED =
            "select count(*) from ${schema}.circuit where suspected_at is not null";

    @Test
    void readsWhatHasChangedAndNotTheTable() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.stand("a");
            worker.failed(OTHER, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            worker.pass();
            // Whoever else writes to this database, be it elsewhere: what is older is read again.
            Await.until("nothing older is under way", () -> fleet.count(UNSETTLED) == 0);
            CircuitStore store = fleet.store();
            CircuitStore.Snapshot all = store.read(CircuitStore.ALL);

            assertThat(all.rows()).hasSize(1);
            assertThat(store.read(all.mark()).rows()).isEmpty();
            fleet.update("update ${schema}.circuit set version = version + 1");
            assertThat(store.read(all.mark()).rows()).hasSize(1);
        }
    }

    @Test
    void sweepsRowsThatSayNoMoreThanNone() throws Exception {
        try (CircuitFleet fleet = fleet()) {
            Circuits worker = fleet.stand("a");
            worker.failed(OTHER, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            worker.failed(LANE, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            worker.pass();
            fleet.update(
                    """
                    update ${schema}.circuit
                    set state = 'closed', until = null, ends_by = null, trips = 0,
                        since = clock_timestamp() - interval '11 minutes'
                    where key = '%s'
                    """
                            .formatted(LANE_KEY));
            CircuitFleet.hear(worker);

            fleet.store().sweep();

            assertThat(fleet.count("select count(*) from ${schema}.circuit")).isEqualTo(1);
            worker.failed(LANE, worker.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            worker.pass();
            assertThat(fleet.count("select count(*) from ${schema}.circuit where state = 'open'"))
                    .as("it is there again")
                    .isEqualTo(2);
        }
    }

    private static CircuitFleet fleet() throws InterruptedException {
        return new CircuitFleet(SHIPPED, List.of(alone(LANE), alone(OTHER)));
    }

    /** The others have answered: what remains is the time that they have for it. */
    private static void awaitContradicted(Circuits raising) throws Exception {
        Await.until(
                "it is judged",
                () -> {
                    raising.pass();
                    return !raising.contradicted().isEmpty();
                });
    }

    private static void awaitBenched(Circuits worker, List<Circuits> all) throws Exception {
        Await.until(
                "it is judged",
                () -> {
                    all.forEach(CircuitFleet::hear);
                    return worker.availability(LANE) instanceof Benched;
                });
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
