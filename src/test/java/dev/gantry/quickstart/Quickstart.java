package dev.gantry.quickstart;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Ports;

import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Runs the main job once, with everything that it needs inside this process: broker, database, four
 * providers, simulated, and a worker. With {@code --keep} all of it stays to play with.
 */
public final class Quickstart {
    private static final Path FOLDER = Path.of("target", "quickstart");
    private static final Path RESULTS = FOLDER.resolve("results.jsonl");
    private static final Path ERRORS = FOLDER.resolve("errors.jsonl");
    private static final Path SETTINGS = FOLDER.resolve("settings.properties");
    private static final Path RESOURCES = Path.of("src/test/resources/quickstart");
    private static final Path BATCH = RESOURCES.resolve("batch.jsonl");
    // Submit's own: 3 means that some requests were refused, which a flaky provider is here for.
    private static final List<Integer> COMPLETED = List.of(0, 3);

    /**
     * Who answers.
     *
     * @param abroad speaks as Anthropic and as Gemini
     */
    private record Providers(
            SimulatedProvider acme, SimulatedProvider abroad, SimulatedProvider house) {
        static Providers start() throws IOException {
            return new Providers(
                    SimulatedProvider.start(script("acme.json")),
                    SimulatedProvider.start(script("abroad.json")),
                    SimulatedProvider.start(script("house.json")));
        }
    }

    private Quickstart() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // Before the first logger is made: the console belongs to the progress bar.
        System.setProperty("logback.configurationFile", "quickstart/logback.xml");
        System.setProperty("logging.config", "classpath:quickstart/logback.xml");
        Files.createDirectories(FOLDER);
        say("Gantry quickstart: a broker, a database, four providers (one flaky), one worker …");

        EmbeddedServices services = EmbeddedServices.start();
        Providers providers = Providers.start();
        int managementPort = Ports.free();
        List<String> settings = settings(services, providers, managementPort);
        ConfigurableApplicationContext worker = startWorker(settings);
        int code = submit(services);
        if (List.of(args).contains("--keep")) {
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(worker::close));
            keep(settings);
            explain(services, providers, managementPort);
            new CountDownLatch(1).await(); // until Ctrl-C
        }
        worker.close();
        System.exit(COMPLETED.contains(code) ? 0 : 1);
    }

    private static List<String> settings(
            EmbeddedServices services, Providers providers, int managementPort) {
        return List.of(
                "spring.kafka.bootstrap-servers=" + services.bootstrapServers(),
                "spring.datasource.url=" + services.databaseUrl(),
                "spring.datasource.username=postgres",
                "spring.datasource.password=postgres",
                "management.server.port=" + managementPort,
                "quickstart.acme=" + providers.acme().baseUrl(),
                "quickstart.claude=" + providers.abroad().baseUrl(),
                "quickstart.gemini=" + providers.abroad().address().resolve("/v1beta"),
                "quickstart.house=" + providers.house().baseUrl());
    }

    private static ConfigurableApplicationContext startWorker(List<String> settings) {
        List<String> args = new ArrayList<>();
        args.add(
                "--spring.config.additional-location="
                        + "classpath:/quickstart/application-quickstart.yml");
        settings.forEach(each -> args.add("--" + each));
        return Commands.startWorker(args);
    }

    /** The worker's settings, for commands from another terminal. */
    private static void keep(List<String> settings) throws IOException {
        List<String> lines = new ArrayList<>(settings);
        lines.add("spring.config.import=file:" + RESOURCES.resolve("application-quickstart.yml"));
        Files.write(SETTINGS, lines);
    }

    private static int submit(EmbeddedServices services) {
        Map<String, Object> client = Map.of("bootstrap.servers", services.bootstrapServers());
        var broker =
                new BrokerAccess(
                        client,
                        client,
                        client,
                        "gantry.requests",
                        "gantry.results",
                        "gantry.metering",
                        "gantry.routing",
                        "gantry");
        var stop = new StopSignal();
        SubmitCommand command =
                SubmitCommand.parse(
                        List.of(
                                BATCH.toString(),
                                "--out",
                                RESULTS.toString(),
                                "--errors",
                                ERRORS.toString()));
        return command.run(broker, Terminal.ofProcess(), stop, InstantSource.system());
    }

    private static void explain(
            EmbeddedServices services, Providers providers, int managementPort) {
        String given = "--spring.config.additional-location=file:" + SETTINGS;
        say(
                """

                Everything stays until Ctrl-C. From another terminal (mvn package makes the jar):

                  broker          %s
                  database        %s?user=postgres
                  acme            %s (flaky)    bill: %s
                  claude, gemini  %s (their own dialects)   bill: %s
                  house           %s (steady)   bill: %s
                  actuator        http://127.0.0.1:%d/actuator
                  settings        %s
                  log             %s

                  java -jar target/gantry.jar submit %s --out out.jsonl %s
                  java -jar target/gantry.jar collect BATCH_ID --out out.jsonl %s
                  java -jar target/gantry.jar explain %s %s
                  java -jar target/gantry.jar lanes %s
                """
                        .formatted(
                                services.bootstrapServers(),
                                services.databaseUrl(),
                                providers.acme().baseUrl(),
                                bill(providers.acme()),
                                providers.abroad().address(),
                                bill(providers.abroad()),
                                providers.house().baseUrl(),
                                bill(providers.house()),
                                managementPort,
                                SETTINGS,
                                FOLDER.resolve("gantry.log"),
                                BATCH,
                                given,
                                given,
                                BATCH,
                                given,
                                given));
    }

    private static URI bill(SimulatedProvider provider) {
        return provider.address().resolve("/_simulator/summary");
    }

    private static Script script(String name) throws IOException {
        try (InputStream file = Quickstart.class.getResourceAsStream("/quickstart/" + name)) {
            if (file == null) {
                throw new IllegalStateException("quickstart/" + name + " is not on the classpath");
            }
            return Script.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void say(String text) {
        System.out.println(text);
    }
}
