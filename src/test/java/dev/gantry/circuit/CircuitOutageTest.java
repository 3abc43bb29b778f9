package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.circuit.state.LaneAvailability.HalfOpen;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.Samples;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The database stops in the middle and comes back: its own, on one data directory. */
@Timeout(120)
class CircuitOutageTest {
    private static final LaneId COUNTED = lane("vllm", "a", "small");
    private static final LaneId PROBED = lane("vllm", "b", "small");
    private static final List<ScopeMembership> MEMBERS =
            List.of(alone(LANE), alone(COUNTED), alone(PROBED));

    @Test
    void goesOnAloneAndMergesWhatItKnowsWhenTheDatabaseIsBack() throws Exception {
        try (DatabaseProcess database = DatabaseProcess.start();
                CircuitFleet fleet = fleet(database)) {
            Circuits one = fleet.join("a");
            Circuits two = fleet.join("b");
            bench(one, PROBED);
            // Only looked at: whoever asks may be given the lease, and keep it through the outage.
            Await.until("due there", () -> two.state(PROBED) == StateLabel.HALF_OPEN);

            database.stop();
            CircuitFleet.awaitSource(one, Source.AWAY);
            CircuitFleet.awaitSource(two, Source.AWAY);

            one.failed(LANE, one.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            assertThat(one.availability(LANE))
                    .as("benched here at once")
                    .isInstanceOf(Benched.class);
            assertThat(two.availability(LANE)).as("not known there").isInstanceOf(Admitted.class);
            bench(one, COUNTED);
            assertThat(fleet.watch().asking())
                    .as("each try to reach it takes a second")
                    .contains("circuit-table")
                    .doesNotContain("circuit-time");
            takeProbe(one, PROBED).succeeded();
            assertThat(one.availability(PROBED)).isInstanceOf(Admitted.class);
            assertThat(one.status().unsynced()).isGreaterThanOrEqualTo(3);
            assertThat(one.status().trouble())
                    .as("and why")
                    .returns(SqlTrouble.Kind.UNREACHABLE, SqlTrouble::kind);

            database.startAgain();
            CircuitFleet.await(two, LANE, Benched.class);
            CircuitFleet.await(two, PROBED, Admitted.class);
            Await.until("all is merged", () -> one.status().unsynced() == 0);
            CircuitFleet.awaitSource(one, Source.NOTIFY);
            CircuitFleet.awaitSource(two, Source.NOTIFY);
            Await.until("nothing is wrong", () -> one.status().trouble() == null);
            two.operate(
                    new OperatorAction(
                            new CircuitTarget("openai:main"), new OperatorAction.Deny(), "", "jo"));
            Await.until("heard again", () -> denied(one));
        }
    }

    private static boolean denied(Circuits worker) {
        return worker.availability(LANE) instanceof Benched(var until, _, _) && until == null;
    }

    private static void bench(Circuits worker, LaneId lane) throws Exception {
        for (int call = 0; call < 3; call++) {
            worker.failed(lane, worker.now(), failure(ErrorKind.NETWORK, Reach.LANE));
        }
        Await.until("benched", () -> !(worker.availability(lane) instanceof Admitted));
    }

    /** A claim may first be had for another lane that is due as well. */
    private static Probe takeProbe(Circuits worker, LaneId lane) throws Exception {
        List<Probe> taken = new ArrayList<>();
        Await.until(
                "a local claim",
                () -> {
                    worker.wanted(lane);
                    boolean due = worker.availability(lane) instanceof HalfOpen;
                    Probe probe = due && worker.probesReady() ? worker.probe(lane) : null;
                    return probe != null && taken.add(probe);
                });
        return taken.getFirst();
    }

    private static CircuitFleet fleet(DatabaseProcess database) throws InterruptedException {
        HikariDataSource pool = CircuitFleet.pool(database.address());
        pool.setConnectionTimeout(1_000);
        return new CircuitFleet(pool, Samples.settings(Duration.ofMillis(200)), MEMBERS);
    }
}
