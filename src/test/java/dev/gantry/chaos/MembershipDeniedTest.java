package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;

/** A worker that its group turns away says so, and works again as soon as it may. */
@Execution(ExecutionMode.CONCURRENT)
class MembershipDeniedTest {
    private static final int REQUESTS = 100;
    private static final Duration CALL = Duration.ofMillis(100);

    private static DurableBroker broker;
    private static Permissions permissions;

    @BeforeAll
    static void start() throws Exception {
        broker = DurableBroker.start(Permissions.BROKER);
        permissions = new Permissions(broker);
    }

    @AfterAll
    static void stop() throws IOException {
        permissions.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void readingInTheGroupIsDeniedAndAllowedAgain(String protocol) throws Exception {
        Fleet fleet = Scene.fleet(broker).with("gantry.worker.group-protocol", protocol);
        String group = fleet.property("gantry.worker.group");
        try (Scene scene = Scene.start(fleet, "denied-" + protocol, CALL)) {
            scene.awaitPolling();
            scene.awaitSound();
            scene.send(0, "before", REQUESTS);
            Await.until("at work", () -> scene.called() > 10);

            permissions.deny(ResourceType.GROUP, group, AclOperation.READ);
            scene.awaitDegraded("Not authorized to access group");
            scene.send(1, "denied", REQUESTS);
            scene.awaitDegraded("Not authorized to access group");
            permissions.allow(ResourceType.GROUP, group, AclOperation.READ);

            Run run = scene.answered();
            scene.awaitSound();
            assertThat(run.results().stream().map(ConsumedRecord::id).distinct())
                    .hasSize(2 * REQUESTS);
            assertThat(LedgerComparison.of(run).findings()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void readingTheTopicIsDeniedAndAllowedAgain(String protocol) throws Exception {
        Fleet fleet = Scene.fleet(broker).with("gantry.worker.group-protocol", protocol);
        try (Scene scene = Scene.start(fleet, "topic-denied-" + protocol, CALL)) {
            scene.awaitPolling();
            scene.send(0, "before", REQUESTS);
            Await.until("at work", () -> scene.called() > 10);

            permissions.deny(ResourceType.TOPIC, fleet.topic("requests"), AclOperation.READ);
            scene.awaitDegraded("Not authorized to access topics");
            permissions.allow(ResourceType.TOPIC, fleet.topic("requests"), AclOperation.READ);
            scene.send(1, "after", REQUESTS);

            Run run = scene.settled();
            scene.awaitSound();
            assertThat(run.calls()).hasSize(2 * REQUESTS);
        }
    }

    @Test
    void aWorkerThatMayNotReadInItsGroupFromTheStartJoinsOnceItMay() throws Exception {
        Fleet fleet = Scene.fleet(broker);
        String group = fleet.property("gantry.worker.group");
        permissions.deny(ResourceType.GROUP, group, AclOperation.READ);
        try (Scene scene = Scene.start(fleet, "never-allowed", CALL)) {
            scene.awaitDegraded("not a member of the consumer group: ");
            scene.awaitDegraded("Not authorized to access group");

            permissions.allow(ResourceType.GROUP, group, AclOperation.READ);
            scene.awaitPolling();
            scene.send(0, "after", 20);

            assertThat(scene.settled().calls()).hasSize(20);
            scene.awaitSound();
        }
    }
}
