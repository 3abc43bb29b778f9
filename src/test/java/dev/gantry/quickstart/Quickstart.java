package dev.gantry.quickstart;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;

import org.springframework.context.ConfigurableApplicationContext;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Runs the main job once, with everything that it needs inside this process: broker, database, four
 * providers, simulated, and a worker. With {@code --keep} all of it stays to play with.
 */
public final class Quickstart {
    private static final Path FOLDER = Path.of("target", "quickstart");
    private static final Path SETTINGS = FOLDER.resolve("application.yml");
    private static final Path BATCH = Path.of("src/test/resources/quickstart/batch.jsonl");
    // Submit's own: 3 means that some requests were refused, which a flaky provider is here for.
    private static final List<Integer> COMPLETED = List.of(0, 3);

    private Quickstart() {}

    public static void main(String[] args) throws InterruptedException {
        // Before the first logger is made: the console belongs to the progress bar.
        System.setProperty("logback.configurationFile", "quickstart/logback.xml");
        System.setProperty("logging.config", "classpath:quickstart/logback.xml");
        boolean keep = List.of(args).contains("--keep");
        try {
            Places places = keep ? Places.USUAL.orElsewhere() : Places.anywhere();
            ConfigurableApplicationContext worker = start(places);
            int code = submit(places);
            if (keep) {
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(worker::close));
                say(whatStays(places));
                new CountDownLatch(1).await(); // until Ctrl-C
            }
            worker.close();
            System.exit(COMPLETED.contains(code) ? 0 : 1);
        } catch (IOException | SQLException | RuntimeException e) {
            // Broker and database would keep a process that has failed.
            System.err.printf("%nThe quickstart has failed; its log is %s%n", log());
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static ConfigurableApplicationContext start(Places places)
            throws IOException, SQLException {
        Files.createDirectories(FOLDER);
        Files.copy(BATCH, FOLDER.resolve(BATCH.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(SETTINGS, places.configuration());
        say("Gantry quickstart, configured by " + SETTINGS);
        places.moved().forEach(Quickstart::say);
        say("Starting a broker and a database …");
        EmbeddedServices.start(places.broker(), places.database());
        say("Starting four providers, one of them flaky, and a worker …");
        provider("openai.json", places, places.openai());
        provider("abroad.json", places, places.abroad());
        provider("house.json", places, places.house());
        return Commands.startWorker(
                List.of("--spring.config.additional-location=file:" + SETTINGS));
    }

    private static void provider(String name, Places places, int port) throws IOException {
        try (InputStream file = Quickstart.class.getResourceAsStream("/quickstart/" + name)) {
            if (file == null) {
                throw new IllegalStateException("quickstart/" + name + " is not on the classpath");
            }
            Script script = Script.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
            SimulatedProvider.start(script, places.loopback(port));
        }
    }

    private static int submit(Places places) {
        Map<String, Object> client = Map.of("bootstrap.servers", places.bootstrapServers());
        var broker =
                new BrokerAccess(
                        client,
                        client,
                        client,
                        "gantry.requests",
                        List.of(),
                        "gantry.results",
                        "gantry.metering",
                        "gantry.routing",
                        "gantry");
        SubmitCommand command =
                SubmitCommand.parse(
                        List.of(
                                BATCH.toString(),
                                "--out",
                                FOLDER.resolve("results.jsonl").toString(),
                                "--errors",
                                FOLDER.resolve("errors.jsonl").toString()));
        return command.run(broker, Terminal.ofProcess(), new StopSignal(), InstantSource.system());
    }

    private static String whatStays(Places places) {
        return """

                Everything stays until Ctrl-C:

                  broker             %s
                  database           %s?user=gantry
                  worker             http://127.0.0.1:%d/actuator/lanes
                  openai (flaky)     http://127.0.0.1:%d/v1   bill: /_simulator/summary
                  anthropic, gemini  http://127.0.0.1:%d      bill: /_simulator/summary
                  house (steady)     http://127.0.0.1:%d/v1   bill: /_simulator/summary
                  log                %s

                In another terminal; commands read the application.yml where they are typed:

                  mvn -q -Pquick package -DskipTests
                  cd %s
                  java -jar ../gantry.jar lanes
                  java -jar ../gantry.jar explain batch.jsonl
                  java -jar ../gantry.jar submit batch.jsonl --out again.jsonl
                  java -jar ../gantry.jar export metering
                """
                .replace("java -jar", java() + " -jar")
                .formatted(
                        places.bootstrapServers(),
                        places.databaseUrl(),
                        places.worker(),
                        places.openai(),
                        places.abroad(),
                        places.house(),
                        log(),
                        FOLDER);
    }

    /** As it is typed here: Maven finds a JDK that the path may not have. */
    private static String java() {
        Path own = Path.of(System.getProperty("java.home"), "bin", "java");
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "java"))
                .filter(Files::isExecutable)
                .findFirst()
                .filter(first -> same(first, own))
                .map(_ -> "java")
                .orElse(own.toString());
    }

    private static boolean same(Path first, Path second) {
        try {
            return Files.isSameFile(first, second);
        } catch (IOException _) {
            return false;
        }
    }

    private static Path log() {
        return FOLDER.resolve("gantry.log");
    }

    private static void say(String text) {
        System.out.println(text);
    }
}
