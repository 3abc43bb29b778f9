package dev.gantry.chaos;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.WorkerProcess;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Three worker processes; one that is killed is replaced at once, as an orchestrator would. */
final class WorkerPool implements AutoCloseable {
    static final int WORKERS = 3;

    private final Fleet fleet;
    private final String stem;

    /** The one that lives longest first. */
    private final Deque<Member> members = new ArrayDeque<>();

    private final Set<String> killed = new HashSet<>();
    private int started;

    private record Member(String name, WorkerProcess process) {}

    WorkerPool(Fleet fleet, String stem) throws IOException {
        this.fleet = fleet;
        this.stem = stem;
        for (int each = 0; each < WORKERS; each++) {
            add(Duration.ZERO);
        }
    }

    private void add(Duration skew) throws IOException {
        String name = stem + "-" + ++started;
        fleet.with(ClockSkew.KEY, skew.toString());
        members.add(new Member(name, fleet.startWorker(name)));
    }

    /** SIGKILL to the one that lives longest. */
    void killOne() throws IOException, InterruptedException {
        killOne(Duration.ZERO);
    }

    /** The same; the clock of the one in its place is off. */
    void killOne(Duration skew) throws IOException, InterruptedException {
        kill();
        add(skew);
    }

    /** All are dead before the first starts again. */
    void killAll() throws IOException, InterruptedException {
        for (int each = 0; each < WORKERS; each++) {
            kill();
        }
        for (int each = 0; each < WORKERS; each++) {
            add(Duration.ZERO);
        }
    }

    private void kill() throws InterruptedException {
        Member first = members.removeFirst();
        first.process().kill();
        killed.add(first.name());
    }

    /** Waits until all take requests; fails with its output if one has ended by itself. */
    void awaitPolling() throws Exception {
        for (Member each : members) {
            each.process().awaitPolling();
        }
    }

    /** Has every worker write its threads to its log: what does a stuck one wait for? */
    void dumpThreads() throws IOException, InterruptedException {
        for (Member each : members) {
            String pid = Long.toString(each.process().pid());
            new ProcessBuilder("kill", "-QUIT", pid).inheritIO().start().waitFor();
        }
    }

    /** The names of all that were killed. */
    Set<String> killed() {
        return Set.copyOf(killed);
    }

    @Override
    public void close() {
        members.forEach(each -> each.process().close());
    }
}
