package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.Application;
import dev.gantry.launch.Commands;
import dev.gantry.testbed.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whatever is wrong with a configuration, a start that fails for it shows none of its secrets. */
class StartSecretsTest {
    private static final String INSTANCE = "--gantry.providers.p.instances.i.";

    @TempDir private Path directory;

    @Test
    void aHeaderMapThatIsWrittenAsText() {
        String output = failure(INSTANCE + "headers=Authorization: Bearer hunter2");

        assertThat(output)
                .contains("instances.i.headers: ***; this takes keys below it")
                .doesNotContain("hunter2");
    }

    @Test
    void aLineThatYamlCannotRead() throws IOException {
        Path file = directory.resolve("application.yml");
        Files.writeString(file, "gantry:\n  operator:\n    tokn: hunter2: x\n");

        String output = failure("--spring.config.location=file:" + file);

        assertThat(output)
                .contains(
                        "application.yml:3: no valid YAML at column 18: mapping values are not allowed here")
                .doesNotContain("hunter2");
    }

    @Test
    void aDatabaseAddressThatIsNone() {
        String output =
                failure("--spring.datasource.url=postgres://u:hunter2@h/db?password=hunter2");

        assertThat(output).contains("jdbc").doesNotContain("hunter2");
    }

    @Test
    void aValueThatSpringCannotBind() {
        String output =
                failure("--spring.kafka.consumer.max-poll-records=sk-hunter2hunter2")
                        + failure(
                                "--spring.datasource.password=hunter2",
                                "--spring.kafka.admin.close-timeout=hunter2");

        assertThat(output).contains("max-poll-records", "close-timeout").doesNotContain("hunter2");
    }

    /** The client is made after the context, so that this ends the process and no start. */
    @Test
    void aLoginThatKafkaCannotRead() throws IOException, InterruptedException {
        Process worker =
                JavaProcess.builder(
                                List.of("-XX:TieredStopAtLevel=1"),
                                Application.class.getName(),
                                arguments(
                                        "--spring.kafka.bootstrap-servers=localhost:1",
                                        "--spring.kafka.properties.security.protocol=SASL_PLAINTEXT",
                                        "--spring.kafka.properties.sasl.mechanism=PLAIN",
                                        "--spring.kafka.properties.sasl.jaas.config=Login required password=\"hunter2\" x=hunter2 hunter2"))
                        .redirectErrorStream(true)
                        .start();

        String output = new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(worker.waitFor()).isEqualTo(1);
        assertThat(output).contains("JAAS config").doesNotContain("hunter2");
    }

    private static List<String> arguments(String... more) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--management.server.port=0",
                                "--gantry.providers.p.tier=local",
                                "--gantry.providers.p.auth=none",
                                INSTANCE + "base-url=http://h/v1",
                                "--gantry.providers.p.models[0].id=m"));
        Stream.of(more).forEach(all::add);
        return all;
    }

    private static String failure(String... arguments) {
        Throwable failure =
                catchThrowable(() -> Commands.startWorker(arguments(arguments)).close());

        assertThat(failure).isNotNull();
        return String.valueOf(failure.getMessage());
    }
}
