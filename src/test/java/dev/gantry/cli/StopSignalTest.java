package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.CommandRun;
import dev.gantry.cli.batch.SubmitCommand;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

@Timeout(120)
class StopSignalTest {
    @TempDir Path folder;

    /** A submission to a broker that is not there, in a process of its own. */
    static final class Waiting {
        private Waiting() {}

        static void main(String[] args) {
            BrokerAccess broker = CommandRun.nowhere();
            SubmitCommand command = SubmitCommand.parse(List.of(args));
            System.exit(
                    StopSignal.guard(
                            stop ->
                                    command.run(
                                            broker,
                                            Terminal.ofProcess(),
                                            stop,
                                            InstantSource.system())));
        }
    }

    @Test
    void endsTheProcessWithTheCommandsOwnCode() throws IOException, InterruptedException {
        Path batch =
                Files.writeString(folder.resolve("b.jsonl"), "{\"custom_id\":\"1\",\"body\":{}}");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Waiting.class.getName(),
                                batch.toString())
                        .redirectErrorStream(true)
                        .start();

        String rest;
        try (BufferedReader output = process.inputReader()) {
            String line = output.readLine();
            while (line != null && !line.startsWith("batch ")) {
                line = output.readLine();
            }
            process.toHandle()
                    .destroy(); // SIGTERM; the process itself would close its streams, too
            rest = String.join("\n", output.readAllLines());
        }

        assertThat(process.waitFor()).as(rest).isEqualTo(4);
        assertThat(rest).contains("nothing was sent");
    }
}
