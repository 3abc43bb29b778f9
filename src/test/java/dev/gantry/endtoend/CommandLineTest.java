package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.JavaProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The jar's commands as processes: what they say and the codes they end with. */
class CommandLineTest {
    private record Ended(int code, String output) {}

    @Test
    void aWrongSettingStopsTheStartWithOneMessage() throws Exception {
        Ended ended =
                run(
                        "work",
                        "--gantry.worker.max-in-fligth=7",
                        "--gantry.providers.acme.tier=moon",
                        "--gantry.providers.acme.instances.main.api-key=sk-very-secret-value");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output())
                .contains("gantry.worker.max-in-fligth", "gantry.providers.acme.tier", "moon")
                .doesNotContain("sk-very-secret-value", "\tat ");
    }

    @Test
    void anUnknownCommandIsAUsageError() throws Exception {
        Ended ended = run("fly");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).contains("unknown command fly", "usage:");
    }

    @Test
    void submitWithoutAFileIsAUsageError() throws Exception {
        Ended ended = run("submit");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).contains("FILE is missing");
    }

    @Test
    void aWrongSimulatorOptionIsAUsageError() throws Exception {
        Ended ended = run("simulate", "--port", "many");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).contains("--port", "many");
    }

    @Test
    void migrateBringsTheSchemaUpToDateAndEnds() throws Exception {
        try (Fleet fleet = Fleet.create()) {
            List<String> arguments = new ArrayList<>(List.of("migrate"));
            arguments.addAll(List.of(fleet.arguments()));

            Ended first = run(arguments.toArray(String[]::new));
            Ended second = run(arguments.toArray(String[]::new));

            assertThat(first.code()).isZero();
            assertThat(first.output()).contains("migrations run: ");
            assertThat(second.output()).contains("the schema is up to date");
        }
    }

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        Process process =
                JavaProcess.builder(
                                List.of(
                                        "-XX:TieredStopAtLevel=1",
                                        "-Dlogging.config=classpath:logback-test.xml"),
                                "dev.gantry.Application",
                                List.of(arguments))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
