package dev.gantry.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.simulator.script.Script;
import dev.gantry.simulator.script.ScriptException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class SimulatorSettingsTest {
    @Test
    void readsBothFormsOfOptions() {
        SimulatorSettings settings =
                SimulatorSettings.parse(
                        List.of(
                                "--port=9000",
                                "--bind",
                                "0.0.0.0",
                                "--seed",
                                "7",
                                "--script=a.json"));

        assertThat(settings.port()).isEqualTo(9000);
        assertThat(settings.bind()).isEqualTo("0.0.0.0");
        assertThat(settings.seed()).isEqualTo(7);
        assertThat(settings.script()).isEqualTo(Path.of("a.json"));
        assertThat(SimulatorSettings.parse(List.of())).isEqualTo(SimulatorSettings.USUAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --port=70000     | --port: '70000' is not a number from 0 to 65535
                    --port=http      | --port: 'http' is not a number from 0 to 65535
                    --port           | --port: a value is missing
                    --prot=1         | --prot is not known; allowed: --bind, --port, --script, --seed, --ledger-limit
                    --seed=x         | --seed: 'x' is not a whole number
                    --ledger-limit=-1 | --ledger-limit: '-1' is not a number from 0
                    """)
    void namesTheOptionTheValueAndWhatIsAllowed(String option, String message) {
        assertThatThrownBy(() -> SimulatorSettings.parse(List.of(option)))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining(message);
    }

    @Test
    void startsByScriptAndSeed(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("script.json"), "{\"seed\": 1}");
        SimulatorSettings settings =
                SimulatorSettings.parse(
                        List.of("--port=0", "--seed=99", "--script=" + file, "--ledger-limit=0"));

        try (SimulatedProvider provider = SimulatorRun.start(settings);
                var client = new ApiClient(provider)) {
            client.ask("m");

            assertThat(provider.seed()).isEqualTo(99);
            assertThat(provider.ledger().calls()).isEmpty();
            assertThat(provider.ledger().totals().calls()).isEqualTo(1);
        }
    }

    @Test
    void saysThatThePortIsTaken() throws Exception {
        try (SimulatedProvider first = SimulatedProvider.start(Script.demo())) {
            int port = first.address().getPort();
            SimulatorSettings settings = SimulatorSettings.parse(List.of("--port=" + port));

            assertThatThrownBy(() -> SimulatorRun.start(settings))
                    .isInstanceOf(ScriptException.class)
                    .hasMessageContaining("--port " + port)
                    .hasMessageContaining("another program may use the port");
        }
    }

    @Test
    void runsUntilItIsInterruptedAndTellsWhereItIs() throws Exception {
        var out = new ByteArrayOutputStream();
        SimulatorSettings settings = SimulatorSettings.parse(List.of("--port=0", "--seed=5"));
        Thread runner =
                Thread.ofVirtual()
                        .start(
                                () ->
                                        runQuietly(
                                                settings,
                                                new PrintStream(
                                                        out, true, StandardCharsets.UTF_8)));
        while (runner.isAlive() && !out.toString(StandardCharsets.UTF_8).contains("ledger")) {
            Thread.onSpinWait();
        }

        runner.interrupt();
        runner.join();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("/v1", "seed", "5", "sim-flaky", "/_simulator/summary");
    }

    private static void runQuietly(SimulatorSettings settings, PrintStream out) {
        try {
            SimulatorRun.run(settings, out);
        } catch (Exception e) {
            out.println(e.getClass().getSimpleName());
        }
    }
}
