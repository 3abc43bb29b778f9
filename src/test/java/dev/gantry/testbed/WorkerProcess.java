package dev.gantry.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A worker in a process of its own, so that it can really be stopped and killed. */
public final class WorkerProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 60;
    private static final Pattern COMPLAINT = Pattern.compile("^[0-9:.]+ (WARN|ERROR) |^\\sat ");

    /** For {@code logging.pattern.console}: a line says who it is by. */
    public static final String WITH_LOGGER = "%d{HH:mm:ss.SSS} %-5p [%c] %m %kvp{NONE}%n%wEx";

    private static final String MAIN = "dev.gantry.Application";
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED"; // as the manifest
    private static final List<String> SMALL =
            List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", NATIVE);

    private final Process process;
    private final Path log;

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static WorkerProcess start(String name, List<String> jvmOptions, String[] arguments)
            throws IOException {
        List<String> options = new ArrayList<>(jvmOptions);
        options.add("-Dlogging.config=classpath:logback-test.xml");
        options.add(NATIVE);
        return start(name, JavaProcess.builder(options, MAIN, program(name, arguments)));
    }

    /** Logs as the jar does. */
    static WorkerProcess startShipped(String name, String[] arguments) throws IOException {
        return start(name, JavaProcess.shipped(SMALL, MAIN, program(name, arguments)));
    }

    /** The same with a terminal as its standard output. */
    static WorkerProcess startOnTerminal(
            String name, Map<String, String> environment, String[] arguments) throws IOException {
        List<String> worker = JavaProcess.shipped(SMALL, MAIN, program(name, arguments)).command();
        String line =
                worker.stream()
                        .map(each -> "'" + each.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" ", "exec ", ""));
        ProcessBuilder terminal = new ProcessBuilder("script", "-qec", line, "/dev/null");
        terminal.environment().putAll(environment);
        return start(name, terminal);
    }

    private static WorkerProcess start(String name, ProcessBuilder worker) throws IOException {
        Path log = Files.createDirectories(Path.of("target", "workers")).resolve(name + ".log");
        Process process =
                worker.redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .start();
        return new WorkerProcess(process, log);
    }

    private static List<String> program(String name, String[] arguments) {
        List<String> program = new ArrayList<>(List.of("work", "--gantry.worker.name=" + name));
        program.addAll(List.of(arguments));
        return program;
    }

    public long pid() {
        return process.pid();
    }

    /** Waits until it takes requests. */
    public void awaitPolling() throws Exception {
        Await.until(
                "worker polls, see " + log,
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("worker ended: " + output());
                    }
                    return polls();
                });
    }

    /** Whether it has got partitions. */
    boolean polls() throws IOException {
        return output().contains("partitions assigned");
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** SIGTERM, if there was none; returns the exit code. */
    public int stop() throws InterruptedException {
        terminate();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("worker does not stop, see " + log);
        }
        return process.exitValue();
    }

    /** Waits until it ends by itself; returns the exit code. */
    public int awaitEnd() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("worker does not end, see " + log);
        }
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public String output() throws IOException {
        // Not readString, which fails where only half of a character has been written yet.
        return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    }

    /** What it warned of, or called an error, with all of their stack traces. */
    public Stream<String> complaints() throws IOException {
        return output().lines().filter(line -> COMPLAINT.matcher(line).find());
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
