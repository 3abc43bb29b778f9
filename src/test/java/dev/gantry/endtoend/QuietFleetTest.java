package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
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
            try (WorkerProcess guest = fleet.startShipped("quiet-guest")) {
                guest.awaitPolling();
                fleet.ask("model", "b", REQUESTS);
                results.until("all answered", seen -> seen.size() >= 2 * REQUESTS);
                assertThat(guest.stop()).isZero();
                quiet(guest);
            }
            assertThat(host.stop()).isZero();
            quiet(host);
        }
    }

    /** In a file, and so as ECS JSON. */
    private static void quiet(WorkerProcess worker) throws IOException {
        assertThat(worker.output().lines().map(JSON::readTree))
                // A machine that stands still for seconds has a worker wait for both.
                .filteredOn(line -> !line.at("/message").asString().startsWith("waiting for the "))
                .allMatch(line -> line.at("/log/level").asString().equals("INFO"))
                .anyMatch(line -> line.at("/message").asString().equals("worker stopped"))
                .anyMatch(line -> line.at("/message").asString().equals("request ended"));
    }

    @Test
    void itIsPlainOnATerminalUnlessTheEnvironmentSaysOtherwise() throws Exception {
        assumeThat(Path.of("/usr/bin/script")).as("makes a terminal").isExecutable();

        assertThat(saidOnTerminal("plain", Map.of()))
                .isNotEmpty()
                .allMatch(line -> line.matches("[0-9:.]{12} INFO  .*"));
        assertThat(saidOnTerminal("ecs", Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs")))
                .isNotEmpty()
                .allMatch(line -> JSON.readTree(line).has("log"));
    }

    /** What a worker logs before it finds that its port is taken, and ends. */
    private static List<String> saidOnTerminal(String name, Map<String, String> environment)
            throws Exception {
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = fleet(provider);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fleet.with("management.server.port", Integer.toString(taken.getLocalPort()));
            try (WorkerProcess worker = fleet.startOnTerminal(name, environment)) {
                assertThat(worker.awaitEnd()).isEqualTo(1);

                List<String> lines = worker.output().strip().lines().toList();
                assertThat(lines.getLast()).contains("is taken by another process");
                return lines.subList(0, lines.size() - 1);
            }
        }
    }

    private static Fleet fleet(SimulatedProvider provider) {
        return Fleet.create().provider("one", "cloud", provider.baseUrl(), "model");
    }
}
