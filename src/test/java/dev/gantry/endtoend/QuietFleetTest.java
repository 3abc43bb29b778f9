package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;

/** What a fleet that does well says, and in which form. */
class QuietFleetTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REQUESTS = 60;

    /** Starts, a batch, a rebalance as a second worker comes and as it goes, and clean stops. */
    @Test
    void aHealthyFleetWarnsOfNothing() throws Exception {
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = fleet(provider);
                WorkerProcess host = fleet.startShipped("quiet-host");
                TopicReader results = fleet.read("results")) {
            host.awaitPolling();
            fleet.ask("model", "a", REQUESTS);
            try (WorkerProcess guest = fleet.startOnTerminal("quiet-guest", Map.of())) {
                guest.awaitPolling();
                fleet.ask("model", "b", REQUESTS);
                results.until("all answered", seen -> seen.size() >= 2 * REQUESTS);
                assertThat(guest.stop()).isZero();

                assertThat(guest.output().strip().lines())
                        .as("plain on a terminal, and no line for each success")
                        .allMatch(line -> line.matches("[0-9:.]{12} INFO  .*"))
                        .anyMatch(line -> line.contains("worker stopped flushed=true"))
                        .noneMatch(line -> line.contains("request ended"));
            }
            assertThat(host.stop()).isZero();

            List<JsonNode> lines = host.output().lines().map(JSON::readTree).toList();
            assertThat(lines)
                    .as("ECS elsewhere")
                    .allMatch(line -> line.at("/log/level").asString().equals("INFO"))
                    .anyMatch(line -> line.at("/message").asString().equals("worker stopped"))
                    .anyMatch(line -> line.at("/message").asString().equals("request ended"));
        }
    }

    /** It says two things before it finds that its port is taken. */
    @Test
    void theEnvironmentHasItsSayOnTheForm() throws Exception {
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = fleet(provider);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fleet.with("management.server.port", Integer.toString(taken.getLocalPort()));
            Map<String, String> ecs = Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs");
            try (WorkerProcess worker = fleet.startOnTerminal("ecs", ecs)) {
                assertThat(worker.awaitEnd()).isEqualTo(1);

                List<String> lines = worker.output().strip().lines().toList();
                assertThat(lines.getLast()).contains("is taken by another process");
                assertThat(lines.subList(0, lines.size() - 1))
                        .isNotEmpty()
                        .allMatch(line -> JSON.readTree(line).has("log"));
            }
        }
    }

    private static Fleet fleet(SimulatedProvider provider) {
        return Fleet.create().provider("one", "cloud", provider.baseUrl(), "model");
    }
}
