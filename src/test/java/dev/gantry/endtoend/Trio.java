package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.WorkerProcess;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Three worker processes of one fleet, each replaced when it is stopped or killed. */
final class Trio implements AutoCloseable {
    private static final int WORKERS = 3;

    private final Fleet fleet;
    private final String stem;
    private final Map<String, WorkerProcess> workers = new LinkedHashMap<>();
    private int started;

    private Trio(Fleet fleet, String stem) {
        this.fleet = fleet;
        this.stem = stem;
    }

    /**
     * @param stem of the workers' names; one per test class, for their logs
     */
    static Trio start(Fleet fleet, String stem) throws Exception {
        Trio trio = new Trio(fleet, stem);
        trio.complete();
        return trio;
    }

    /** Starts as many workers as are wanting, and waits until all take requests. */
    void complete() throws Exception {
        List<WorkerProcess> fresh = new ArrayList<>();
        while (workers.size() < WORKERS) {
            String name = stem + "-" + ++started;
            WorkerProcess worker = fleet.startWorker(name);
            workers.put(name, worker);
            fresh.add(worker);
        }
        for (WorkerProcess each : fresh) {
            each.awaitPolling();
        }
    }

    List<WorkerProcess> workers() {
        return List.copyOf(workers.values());
    }

    /**
     * SIGKILL.
     *
     * @param id as the meter and the circuits' table have it: its name and more
     */
    void kill(String id) throws InterruptedException {
        remove(id).kill();
    }

    /** SIGTERM; it must end in good order. */
    void stopOne() throws InterruptedException {
        assertThat(remove(workers.keySet().iterator().next()).stop()).isZero();
    }

    /** All are down at once before the first starts again. */
    void restart() throws Exception {
        while (!workers.isEmpty()) {
            stopOne();
        }
        complete();
    }

    private WorkerProcess remove(String id) {
        String name =
                workers.keySet().stream()
                        .filter(each -> id.equals(each) || id.startsWith(each + "-"))
                        .findFirst()
                        .orElseThrow();
        return Objects.requireNonNull(workers.remove(name));
    }

    @Override
    public void close() {
        workers.values().forEach(WorkerProcess::close);
    }
}
