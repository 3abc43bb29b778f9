package dev.gantry.testbed;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A PostgreSQL of a test's own, which can be stopped and frozen; it keeps its port and its rows.
 */
public final class DatabaseProcess implements AutoCloseable {
    public static final Duration START_WITHIN = Duration.ofSeconds(60);

    private final Path data;
    private EmbeddedPostgres server;
    private boolean frozen;

    private DatabaseProcess(Path data) throws IOException {
        this.data = data;
        this.server = builder(data, Ports.free()).start();
    }

    public static DatabaseProcess start() throws IOException {
        return new DatabaseProcess(Files.createTempDirectory("gantry-database"));
    }

    public SharedDatabase.Address address() {
        return new SharedDatabase.Address(
                server.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
    }

    /** Its sessions are ended, and new ones refused; the rows stay. */
    public void stop() throws IOException {
        ProcessHandle main = postmaster();
        server.close();
        main.onExit().join(); // whoever stops it has waited for five seconds at most
    }

    /** Undoes {@link #stop}. */
    public void startAgain() throws IOException {
        server = builder(data, server.getPort()).start();
    }

    /** Like {@link #startAgain}, but as a hot standby: readable until it is promoted. */
    public void startAgainAsStandby() throws IOException {
        Files.createFile(data.resolve("standby.signal"));
        startAgain();
    }

    /** Says nothing any more, but keeps its connections: a machine that hangs. */
    public void freeze() throws IOException, InterruptedException {
        frozen = true;
        signal("-STOP");
    }

    /** Undoes {@link #freeze}. */
    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
        frozen = false;
    }

    private void signal(String name) throws IOException, InterruptedException {
        ProcessHandle main = postmaster();
        List<String> command = new ArrayList<>(List.of("kill", name));
        // The postmaster first: frozen, it starts no more children.
        Stream.concat(Stream.of(main), main.descendants())
                .map(each -> Long.toString(each.pid()))
                .forEach(command::add);
        int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
        // One of the children may have ended meanwhile.
        if (exit != 0 && name.equals("-CONT")) {
            throw new IOException("the database stays frozen");
        }
    }

    private ProcessHandle postmaster() throws IOException {
        String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    private static EmbeddedPostgres.Builder builder(Path data, int port) {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPGStartupWait(START_WITHIN);
    }

    @Override
    public void close() throws IOException {
        try {
            if (frozen) {
                thaw(); // or it would not hear that it is to stop
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        server.close();
        try (Stream<Path> files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
        }
    }
}
