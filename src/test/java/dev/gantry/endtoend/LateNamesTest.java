package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A worker that starts before the names of its broker and database are known, as in a cluster. */
class LateNamesTest {
    /** What Spring's users are used to set comes along: none of it stops the start. */
    @Test
    void waitsUntilTheNamesResolve(@TempDir Path directory) throws Exception {
        Path hosts = Files.writeString(directory.resolve("hosts"), "127.0.0.1 unrelated\n");
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Fleet fleet = fleet(provider);
                WorkerProcess worker =
                        fleet.startWorker(
                                "late-names",
                                List.of(
                                        "-XX:TieredStopAtLevel=1",
                                        "-Djdk.net.hosts.file=" + hosts,
                                        "-Dsun.net.inetaddr.negative.ttl=0"))) {
            Await.until(
                    "both are waited for",
                    () ->
                            worker.output().contains("waiting for the broker")
                                    && worker.output().contains("waiting for the database"));
            assertThat(worker.output())
                    .contains("No resolvable bootstrap urls", "late-broker", "late-database");
            assertThat(worker.complaints().filter(line -> !line.contains(" spring.")))
                    .as("each said once, and nothing by the clients")
                    .hasSize(2);

            Files.writeString(
                    hosts, "127.0.0.1 localhost\n127.0.0.1 late-broker\n127.0.0.1 late-database\n");
            worker.awaitPolling();
            fleet.send(
                    List.of("{\"custom_id\":\"one\",\"body\":{\"model\":\"m\",\"messages\":[]}}"));

            try (TopicReader results = fleet.read("results")) {
                results.until("answered", seen -> !seen.isEmpty());
            }
            assertThat(worker.output()).contains("spring.kafka.producer.acks is 1");
            Await.until(
                    "both answer",
                    () ->
                            worker.output().contains("the broker answers away_ms=")
                                    && worker.output().contains("the database answers away_ms="));
            assertThat(worker.stop()).isZero();
        }
    }

    private static Fleet fleet(SimulatedProvider provider) {
        String broker = SharedBroker.bootstrapServers().replaceFirst(".*:", "late-broker:");
        String database =
                SharedDatabase.address().url().replaceFirst("//[^:/]+", "//late-database");
        return Fleet.create()
                .provider("sim", "cloud", provider.baseUrl(), "m")
                .with("gantry.providers.sim.timeout", "5s")
                .with("logging.config", "classpath:logback-shipped.xml")
                .with("spring.kafka.bootstrap-servers", broker)
                .with("spring.kafka.producer.acks", "1")
                .with("spring.kafka.properties.request.timeout.ms", "30000")
                .with("spring.kafka.producer.transaction-id-prefix", "tx")
                .with("spring.flyway.enabled", "true")
                .with("spring.datasource.url", database)
                .with("spring.datasource.hikari.initialization-fail-timeout", "1");
    }
}
