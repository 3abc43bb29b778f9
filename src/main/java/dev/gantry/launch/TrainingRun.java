package dev.gantry.launch;

import dev.gantry.cli.Terminal;
import dev.gantry.launch.training.Exercise;

import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the JVM watches to make an AOT cache: commands, and a worker that starts, answers requests
 * and shows its pages, with a broker, a database and a provider that are within the process. Run
 * while the program is built, by itself and with {@code -XX:AOTCacheOutput}; what it did not see is
 * loaded as ever.
 */
final class TrainingRun {
    /** A busy machine needs half of it. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** Enough for each way of a request to be gone many times. */
    private static final int REQUESTS = 2_000;

    private static final List<String> PAGES =
            List.of("health/liveness", "health/readiness", "prometheus", "lanes", "intake");

    private TrainingRun() {}

    static void main() {
        PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        System.setOut(nowhere);
        System.setErr(nowhere);
        Thread.ofPlatform().daemon().name("limit").start(TrainingRun::endInAnyCase);
        try {
            Exercise exercise = Exercise.open();
            commands(exercise, Terminal.plain(nowhere, nowhere));
            worker(exercise);
        } catch (IOException | InterruptedException | RuntimeException _) {
            // What was seen until then is in the cache; nobody waits for more.
        }
        Shutdown.exit(0); // nothing has begun that would have to end in good order
    }

    /** A build that waits for ever is worse than one without a cache. */
    private static void endInAnyCase() {
        try {
            Thread.sleep(LONGEST);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private static void commands(Exercise exercise, Terminal terminal) {
        for (String command : List.of("lanes", "spool", "migrate")) {
            List<String> line = new ArrayList<>(exercise.settings());
            line.addFirst(command);
            Commands.ask(line, terminal);
        }
    }

    private static void worker(Exercise exercise) throws IOException, InterruptedException {
        ConfigurableApplicationContext worker = Commands.startWorker(exercise.settings());
        exercise.work(REQUESTS, LONGEST);
        String port = worker.getEnvironment().getProperty("local.management.port");
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String page : PAGES) {
                URI address = URI.create("http://127.0.0.1:" + port + "/actuator/" + page);
                client.send(
                        HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build(),
                        BodyHandlers.discarding());
            }
        }
    }
}
