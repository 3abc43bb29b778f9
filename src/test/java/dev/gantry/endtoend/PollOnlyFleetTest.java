package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.endtoend.Published.Try;
import dev.gantry.inference.StateLabel;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.RequestFeed;
import dev.gantry.testbed.WorkerPool;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Three worker processes that cannot listen, as behind a pooler, agree by polling. */
class PollOnlyFleetTest {
    /**
     * 1.2 s by the specification, measured elsewhere; a worker that learns nothing takes longer.
     */
    private static final Duration AGREEMENT = Duration.ofSeconds(8);

    private static final String CIRCUIT = "mortal:main:inference:model";
    private static final String LANE = "frontier:" + CIRCUIT;
    private static final Behaviour HEALTHY =
            Behaviour.taking(new Latency.Fixed(Duration.ofMillis(80)));

    @Test
    void workersThatHearNothingAgreeWithinAPoll() throws Exception {
        try (SimulatedProvider living = SimulatedProvider.start(Script.of(HEALTHY));
                SimulatedProvider mortal = SimulatedProvider.start(Script.of(HEALTHY));
                Fleet fleet = fleet(living, mortal);
                WorkerPool pool = WorkerPool.start(fleet, "poll");
                Published published = new Published(fleet);
                RequestFeed feed = RequestFeed.start(fleet, "model", 60)) {
            CircuitDesk desk = new CircuitDesk(fleet);
            assertThat(pool.workers())
                    .allSatisfy(
                            each -> assertThat(each.output()).contains("listening ends, polling"));
            published.awaitTries(LANE, "the fleet calls it", seen -> seen.size() > 30);

            mortal.script(Script.of(Behaviour.always(Fault.refuse(Refusal.SERVER))));
            Instant tripped = desk.await(CIRCUIT, StateLabel.OPEN).state().since();
            mortal.script(Script.of(HEALTHY));
            Instant reopened = desk.await(CIRCUIT, StateLabel.CLOSED).state().since();
            published.awaitTries(
                    LANE,
                    "it carries its share again",
                    seen -> seen.stream().filter(each -> began(each, reopened)).count() > 30);
            published.successesOf(feed.stop());

            List<Try> late =
                    published.tries(LANE).stream()
                            .filter(each -> !each.probe() && began(each, tripped))
                            .filter(each -> !began(each, reopened))
                            .toList();
            Instant last = late.isEmpty() ? tripped : late.getLast().started();
            System.out.printf(
                    "by poll: last call %d ms after the trip, %d calls%n",
                    Duration.between(tripped, last).toMillis(), late.size());
            assertThat(last).isBefore(tripped.plus(AGREEMENT));
        }
    }

    private static boolean began(Try each, Instant after) {
        return each.started().isAfter(after);
    }

    private static Fleet fleet(SimulatedProvider living, SimulatedProvider mortal)
            throws IOException {
        return Fleet.create()
                .with("gantry.circuit.cooldown", "8s")
                .with("gantry.database.listen-url", nobody())
                .provider("living", "cloud", living.baseUrl(), "model")
                .provider("mortal", "frontier", mortal.baseUrl(), "model");
    }

    /** Nothing listens there. */
    private static String nobody() throws IOException {
        return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(Ports.free());
    }
}
