package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.time.Duration;

/** A broker that knows KIP-848 and does not speak it. */
@Execution(ExecutionMode.CONCURRENT)
class RefusedProtocolTest {
    private static final Duration CALL = Duration.ofMillis(20);

    private static DurableBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = DurableBroker.start("group.coordinator.rebalance.protocols=classic");
    }

    @AfterAll
    static void stop() throws IOException {
        broker.close();
    }

    @Test
    void autoTakesTheOtherProtocol() throws Exception {
        try (Scene scene = Scene.start(Scene.fleet(broker), "refused-auto", CALL)) {
            scene.awaitPolling();
            scene.send(0, "auto-", 20);

            assertThat(scene.settled().calls()).hasSize(20);
            scene.awaitSound();
        }
    }

    @Test
    void aProtocolThatWasAskedForIsNamedAndAskedForAgain() throws Exception {
        Fleet fleet = Scene.fleet(broker).with("gantry.worker.group-protocol", "consumer");
        try (Scene scene = Scene.start(fleet, "refused-consumer", CALL)) {
            scene.awaitDegraded("the broker refuses group-protocol consumer");
            scene.awaitDegraded("set gantry.worker.group-protocol to auto or classic");
        }
    }
}
