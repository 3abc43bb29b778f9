package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.WorkerProcess;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Three worker processes of one fleet, each replaced when it is stopped or killed. */
final class Trio implements AutoCloseable {
    private static final int WORKERS = 3;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Fleet fleet;
    private final String stem;
    private final Map<String, WorkerProcess> workers = new LinkedHashMap<>();

    /** Where each worker's pages are. */
    private final Map<String, URI> pages = new HashMap<>();

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
            int port = freePort();
            fleet.with("management.server.port", Integer.toString(port));
            pages.put(name, URI.create("http://127.0.0.1:" + port + "/actuator/"));
            WorkerProcess worker = fleet.startWorker(name);
            workers.put(name, worker);
            fresh.add(worker);
        }
        for (WorkerProcess each : fresh) {
            each.awaitPolling();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** Waits until this holds of what every worker's readiness says of its work; all stay ready. */
    void awaitReadiness(String what, Predicate<JsonNode> enough) throws Exception {
        for (String worker : workers.keySet()) {
            Await.until(worker + ": " + what, () -> enough.test(readiness(worker)));
        }
    }

    /** The same of any worker. */
    void awaitReadinessOfAny(String what, Predicate<JsonNode> enough) throws Exception {
        Await.until(
                "a worker " + what,
                () -> {
                    boolean any = false;
                    for (String worker : workers.keySet()) {
                        any |= enough.test(readiness(worker));
                    }
                    return any;
                });
    }

    /** Requests that stand in line, on all workers. */
    long waiting() throws IOException, InterruptedException {
        double waiting = 0;
        for (String worker : workers.keySet()) {
            waiting += gauge(worker, "gantry_waiting");
        }
        return Math.round(waiting);
    }

    /** Waits until every worker knows of it, by what its own metrics say of the lane. */
    void awaitBenched(String lane) throws Exception {
        String gauge = "gantry_lane_state{lane=\"%s\"".formatted(lane);
        for (String worker : workers.keySet()) {
            Await.until(worker + ": " + lane + " is benched", () -> gauge(worker, gauge) >= 2);
        }
    }

    private double gauge(String worker, String start) throws IOException, InterruptedException {
        String line =
                page(worker, "prometheus")
                        .lines()
                        .filter(each -> each.startsWith(start))
                        .findFirst()
                        .orElseThrow();
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    private JsonNode readiness(String worker) throws IOException, InterruptedException {
        return JSON.readTree(page(worker, "health/readiness")).at("/components/work/details");
    }

    private String page(String worker, String path) throws IOException, InterruptedException {
        URI page = Objects.requireNonNull(pages.get(worker)).resolve(path);
        HttpResponse<String> answer =
                HTTP.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
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
