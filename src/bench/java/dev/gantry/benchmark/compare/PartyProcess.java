package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.baseline.Place;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.JavaProcess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One process of a party. */
final class PartyProcess implements AutoCloseable {
    private static final Path HOME = Path.of("target", "bench");
    private static final Path LAUNCHER = Path.of("target", "bin", "gantry");

    /** Reactor Kafka knows no newer one. */
    private static final Path OLDER_CLIENT = Path.of("target", "bench-lib", "kafka-clients.jar");

    /** Further options of Gantry's JVM, with spaces between: an AOT cache, a flight recording. */
    private static final String JVM = System.getProperty("bench.jvm", "");

    /** Further arguments of a worker, with spaces between. */
    private static final String ARGUMENTS = System.getProperty("bench.gantry", "");

    private static final long END_SECONDS = 30;
    private static final Pattern COLLECTED = Pattern.compile("\\d+M->(\\d+)M\\(\\d+M\\)");

    private final Process process;
    private final Path log;
    private final Path collections;

    private PartyProcess(Process process, Path log, Path collections) {
        this.process = process;
        this.log = log;
        this.collections = collections;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /**
     * Does not wait until it takes requests.
     *
     * @param name of this process, for its logs
     */
    static PartyProcess start(Party party, String name, Fleet fleet, Place place)
            throws IOException {
        Path log = Files.createDirectories(HOME).resolve(name + ".log");
        Path collections = HOME.resolve(name + ".gc");
        List<String> jvm =
                List.of("-Xmx1g", "-XX:+UseG1GC", "-Xlog:gc:file=" + collections + "::filecount=0");
        String program = party.program();
        ProcessBuilder builder =
                program == null
                        ? worker(name, jvm, fleet)
                        : JavaProcess.builder(jvm, program, place.arguments());
        if (party == Party.REACTOR_KAFKA) {
            int classPath = builder.command().indexOf("-cp") + 1;
            builder.command().set(classPath, OLDER_CLIENT + ":" + builder.command().get(classPath));
        }
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return new PartyProcess(process, log, collections);
    }

    /** By the launcher, as the image does it. */
    private static ProcessBuilder worker(String name, List<String> jvm, Fleet fleet) {
        if (!Files.exists(LAUNCHER)) {
            throw new IllegalStateException(LAUNCHER + " is missing: mvn -Pbench verify makes it");
        }
        List<String> command = new ArrayList<>();
        command.addAll(List.of(LAUNCHER.toString(), "work", "--gantry.worker.name=" + name));
        command.addAll(List.of(fleet.arguments()));
        command.addAll(words(ARGUMENTS));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", String.join(" ", jvm) + " " + JVM);
        return builder;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
    }

    void awaitReady() throws Exception {
        Await.until(
                "it takes requests, see " + log,
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("ended, see " + log);
                    }
                    return Files.readString(log).contains(Place.READY);
                });
    }

    long cpuMicros() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1_000;
    }

    /** Lines of the log of collections so far. */
    int collections() throws IOException {
        return Files.exists(collections) ? Files.readAllLines(collections).size() : 0;
    }

    /** The most that any collection left in the heap, in MiB, from that line of its log on. */
    OptionalLong heap(int from) throws IOException {
        if (!Files.exists(collections)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(collections).stream()
                .skip(from)
                .map(COLLECTED::matcher)
                .filter(Matcher::find)
                .mapToLong(each -> Long.parseLong(each.group(1)))
                .max();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM: a flight recording is written at the end. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
