package dev.gantry.testbed;

import kafka.tools.StorageTool;

import org.apache.kafka.clients.admin.Admin;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A broker of a test's own, which can be stopped, killed and frozen; it keeps its port and its
 * records.
 */
public final class DurableBroker implements AutoCloseable {
    private static final long STOP_SECONDS = 60;
    private static final List<String> HEAP = List.of("-Xmx512m", "-XX:TieredStopAtLevel=1");

    private final Path home;
    private final Path log;
    private final Path settings;
    private final String bootstrapServers;
    private Process process;

    private DurableBroker(
            Path home, int port, int controllerPort, List<String> listeners, List<String> more)
            throws IOException {
        this.home = home;
        this.log = Files.createDirectories(Path.of("target", "brokers")).resolve(port + ".log");
        this.settings = home.resolve("server.properties");
        this.bootstrapServers = "localhost:" + port;
        List<String> all =
                new ArrayList<>(settings(home.resolve("data"), port, controllerPort, listeners));
        all.addAll(more);
        Files.write(settings, all);
        format();
        this.process = launch();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    }

    /**
     * Returns once it answers.
     *
     * @param more settings of the broker, each {@code key=value}
     */
    public static DurableBroker start(String... more) throws IOException, InterruptedException {
        return startWith(List.of(), more);
    }

    /**
     * The same.
     *
     * @param listeners beside its own, each {@code NAME://host:port}
     */
    static DurableBroker startWith(List<String> listeners, String... more)
            throws IOException, InterruptedException {
        DurableBroker broker =
                new DurableBroker(
                        Files.createTempDirectory("gantry-broker"),
                        Ports.free(),
                        Ports.free(),
                        listeners,
                        List.of(more));
        broker.awaitAnswer();
        return broker;
    }

    private static List<String> settings(
            Path data, int port, int controllerPort, List<String> listeners) {
        List<String> all = new ArrayList<>(List.of("PLAINTEXT://localhost:" + port));
        all.addAll(listeners);
        String own = String.join(",", all);
        return List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@localhost:" + controllerPort,
                "listeners=" + own + ",CONTROLLER://localhost:" + controllerPort,
                "advertised.listeners=" + own,
                "controller.listener.names=CONTROLLER",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + data,
                "auto.create.topics.enable=false",
                "offsets.topic.num.partitions=4",
                "offsets.topic.replication.factor=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "group.initial.rebalance.delay.ms=0",
                // Killed, it is itself taken for alive so long, and cannot come back sooner.
                "broker.heartbeat.interval.ms=500",
                "broker.session.timeout.ms=2000",
                // A killed worker is missed soon, a frozen broker longer than any outage here.
                "group.consumer.min.heartbeat.interval.ms=500",
                "group.consumer.heartbeat.interval.ms=500",
                "group.consumer.min.session.timeout.ms=3000",
                "group.consumer.session.timeout.ms=8000");
    }

    /** In this process: another one for it alone would take longer than the broker's start. */
    private void format() throws IOException {
        try (PrintStream said =
                new PrintStream(
                        new FileOutputStream(log.toFile(), true), false, StandardCharsets.UTF_8)) {
            String[] order = {"format", "-t", "AAAAAAAAQACAAAAAAAAAAA", "-c", settings.toString()};
            if (StorageTool.execute(order, said) != 0) {
                throw new IOException("the broker's directory cannot be made, see " + log);
            }
        }
    }

    private Process launch() throws IOException {
        return JavaProcess.builder(HEAP, "kafka.Kafka", List.of(settings.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Where a partition's segments are. */
    public Path segments(String topic, int partition) {
        return home.resolve("data").resolve(topic + "-" + partition);
    }

    /** Waits until clients are served. */
    public void awaitAnswer() throws InterruptedException {
        Map<String, Object> where = Map.of("bootstrap.servers", bootstrapServers);
        try (Admin admin = Admin.create(where)) {
            var _ = admin.describeCluster().nodes().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("the broker does not answer, see " + log, e);
        }
    }

    /** SIGTERM: it leaves in good order. */
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the broker does not stop, see " + log);
        }
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Undoes {@link #stop} and {@link #kill}; does not wait until it answers. */
    public void startAgain() throws IOException {
        process = launch();
    }

    /** Copies a partition's log; only while it is stopped. */
    public void backUp(String partition) throws IOException {
        copy(home.resolve("data").resolve(partition), home.resolve(partition));
    }

    /** Puts the copy in the place of the log; only while it is stopped. */
    public void restore(String partition) throws IOException {
        Path place = home.resolve("data").resolve(partition);
        delete(place);
        copy(home.resolve(partition), place);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : files.toList()) {
                Files.copy(each, to.resolve(each.getFileName()));
            }
        }
    }

    /** Says nothing any more, but keeps its connections: a machine that hangs. */
    public void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** Undoes {@link #freeze}. */
    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit =
                new ProcessBuilder("kill", name, Long.toString(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new IOException("the broker does not take " + name);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        delete(home);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(each -> Objects.requireNonNull(each).toFile().delete());
        }
    }
}
