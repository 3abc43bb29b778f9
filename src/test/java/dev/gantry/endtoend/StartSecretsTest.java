package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.launch.Commands;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whatever is wrong with a configuration, a start that fails for it shows none of its secrets. */
@ExtendWith(OutputCaptureExtension.class)
class StartSecretsTest {
    private static final String INSTANCE = "--gantry.providers.p.instances.i.";

    @TempDir private Path directory;

    @Test
    void aHeaderMapThatIsWrittenAsText(CapturedOutput output) {
        fail(INSTANCE + "headers=Authorization: Bearer hunter2");

        assertThat(output)
                .contains("instances.i.headers: ***; this takes keys below it")
                .doesNotContain("hunter2");
    }

    @Test
    void aLineThatYamlCannotRead(CapturedOutput output) throws IOException {
        Path file = directory.resolve("application.yml");
        Files.writeString(file, "gantry:\n  operator:\n    tokn: hunter2: x\n");

        fail("--spring.config.location=file:" + file);

        assertThat(output).contains("line 3, column 18").doesNotContain("hunter2");
    }

    @Test
    void aDatabaseAddressThatIsNone(CapturedOutput output) {
        fail("--spring.datasource.url=postgres://u:hunter2@h/db?password=hunter2");

        assertThat(output).contains("jdbc").doesNotContain("hunter2");
    }

    @Test
    void aValueThatSpringCannotBind(CapturedOutput output) {
        fail("--spring.kafka.consumer.max-poll-records=sk-hunter2hunter2");
        fail("--spring.datasource.password=hunter2", "--spring.kafka.admin.close-timeout=hunter2");

        assertThat(output).contains("max-poll-records", "close-timeout").doesNotContain("hunter2");
    }

    @Test
    void aLoginThatKafkaCannotRead(CapturedOutput output) {
        fail(
                "--spring.kafka.bootstrap-servers=localhost:1",
                "--spring.kafka.properties.security.protocol=SASL_PLAINTEXT",
                "--spring.kafka.properties.sasl.mechanism=PLAIN",
                "--spring.kafka.properties.sasl.jaas.config=Login required password=\"hunter2\" x=hunter2 hunter2");

        assertThat(output).contains("JAAS config").doesNotContain("hunter2");
    }

    private static void fail(String... arguments) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--management.server.port=0",
                                "--gantry.providers.p.tier=local",
                                INSTANCE + "base-url=http://h/v1",
                                "--gantry.providers.p.models[0].id=m"));
        Stream.of(arguments).forEach(all::add);
        Throwable failure = catchThrowable(() -> Commands.startWorker(all).close());

        assertThat(failure).isNotNull();
    }
}
