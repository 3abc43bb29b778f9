package dev.gantry.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, so that it can really be stopped and killed. */
public final class WorkerProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 60;

    private final Process process;
    private final Path log;

    private WorkerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static WorkerProcess start(String name, List<String> jvmOptions, String[] arguments)
            throws IOException {
        Path log = Files.createDirectories(Path.of("target", "workers")).resolve(name + ".log");
        List<String> options = new ArrayList<>(jvmOptions);
        options.add("-Dlogging.config=classpath:logback-test.xml");
        List<String> program = new ArrayList<>(List.of("work", "--gantry.worker.name=" + name));
        program.addAll(List.of(arguments));
        Process process =
                JavaProcess.builder(options, "dev.gantry.Application", program)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        return new WorkerProcess(process, log);
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
                    return output().contains("partitions assigned");
                });
    }

    /** SIGTERM; returns the exit code. */
    public int stop() throws InterruptedException {
        process.destroy();
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
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
