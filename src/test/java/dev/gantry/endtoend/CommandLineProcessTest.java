package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.JavaProcess;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.RequestLines;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The jar's commands as processes: what they say and the codes they end with. */
class CommandLineProcessTest {
    private record Ended(int code, String output) {}

    @Test
    void aWrongSettingStopsTheStartWithOneMessage() throws Exception {
        Ended ended =
                run(
                        "work",
                        "--gantry.worker.max-in-fligth=7",
                        "--gantry.providers.acme.tier=moon",
                        "--gantry.providers.acme.instances.main.api-key=sk-very-secret-value");

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output().lines())
                .containsExactlyInAnyOrder(
                        "command line: gantry.worker.max-in-fligth: there is no such key, did you mean max-in-flight?",
                        "command line: gantry.providers.acme.tier: moon; allowed is local, direct, fleet, cloud, frontier",
                        "command line: gantry.providers.acme.instances.main.base-url: missing; required is an http or https URL without credentials or fragment, such as https://api.openai.com/v1",
                        "command line: gantry.providers.acme.models: missing; required is at least one, with id; or discover: true");
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

    @Test
    void migrateSaysWhyItCannotAndEnds() throws Exception {
        Ended away =
                run(
                        "migrate",
                        "--spring.datasource.url=jdbc:postgresql://no-such-db.invalid/gantry");
        Ended wrong = run("migrate", "--spring.datasource.url=jdbc:postgresql://h:port/gantry");

        assertThat(away.code()).isEqualTo(1);
        assertThat(away.output())
                .contains("migrate: the database does not answer", "no-such-db.invalid")
                .doesNotContain("\tat ");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.output())
                .contains("spring.datasource.url: jdbc:postgresql://h:port/gantry; allowed is")
                .doesNotContain("\tat ");
    }

    /** In one pass, without broker or database, and telling nothing of keys. */
    @Test
    void explainTakesAFileThatIsLargerThanItsHeap(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("jobs.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (int each = 0; each < 100_000; each++) {
                lines.write(RequestLines.chat("r-" + each, each % 2 == 0 ? "small" : "large"));
                lines.write(" ".repeat(900) + "\n");
            }
        }

        Ended ended =
                run(
                        List.of("-Xmx64m"),
                        "explain",
                        file.toString(),
                        "--assume-keys",
                        "--gantry.providers.acme.tier=cloud",
                        "--gantry.providers.acme.instances.main.base-url=http://acme.invalid/v1",
                        "--gantry.providers.acme.instances.main.api-key=sk-very-secret-value",
                        "--gantry.providers.acme.models[0].id=small",
                        "--gantry.providers.acme.models[0].max-output-tokens=1000",
                        "--gantry.providers.acme.models[0].price.input=1",
                        "--gantry.providers.acme.models[0].price.output=2",
                        "--gantry.providers.keyless.tier=cloud",
                        "--gantry.providers.keyless.instances.main.base-url=http://acme.invalid/v1",
                        "--gantry.providers.keyless.models[0].id=large",
                        "--spring.datasource.url=jdbc:postgresql://localhost:"
                                + Ports.free()
                                + "/g",
                        "--spring.datasource.hikari.connection-timeout=250");

        assertThat(Files.size(file)).isGreaterThan(64 << 20);
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output())
                .contains(
                        "explain: circuits are not known",
                        "requests: 100,000 (with a lane: 100,000",
                        "at most 2,500,000")
                .containsPattern("small +50,000 +0\\.34995 +5\\.34995 +9\\.\\d+")
                .containsPattern("large +50,000 +unknown")
                .doesNotContain("sk-very-secret-value", "acme.invalid", "\tat ");
    }

    /** Compression unpacks its library there; found out later, calls would be paid for nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"work", "submit"})
    void aDirectoryThatTakesNoLibraryEndsTheStartWithOneSentence(
            String command, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("jobs.jsonl"), "{}\n");
        List<String> arguments = new ArrayList<>(List.of(command));
        if (command.equals("submit")) {
            arguments.add(file.toString());
        }
        arguments.add("--management.server.port=0");

        Ended ended = run(List.of("-Djava.io.tmpdir=" + file), arguments.toArray(String[]::new));

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output())
                .contains("compression zstd does not work here", file.toString())
                .contains("java -Djava.io.tmpdir=DIRECTORY")
                .doesNotContain("\tat ");
    }

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        return run(List.of(), arguments);
    }

    private static Ended run(List<String> jvmOptions, String... arguments)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(jvmOptions);
        options.add("-XX:TieredStopAtLevel=1");
        options.add("--enable-native-access=ALL-UNNAMED"); // as the jar's manifest has it
        options.add("-Dlogging.config=classpath:logback-test.xml");
        Process process =
                JavaProcess.builder(options, "dev.gantry.Application", List.of(arguments))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
