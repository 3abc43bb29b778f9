package dev.gantry.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/** Three worker processes of one fleet, replaced as an orchestrator would. */
public final class WorkerPool implements AutoCloseable {
    private static final int WORKERS = 3;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Fleet fleet;
    private final String stem;

    /** By name; the one that lives longest first. */
    private final Map<String, Member> members = new LinkedHashMap<>();

    private final Set<String> killed = new HashSet<>();

    /** Asked to stop. */
    private final List<WorkerProcess> left = new ArrayList<>();

    private final List<WorkerProcess> all = new ArrayList<>();
    private int started;

    private record Member(WorkerProcess process, ManagementPages pages) {}

    private WorkerPool(Fleet fleet, String stem) {
        this.fleet = fleet;
        this.stem = stem;
    }

    /**
     * Starts them, and waits until all take requests.
     *
     * @param stem of the workers' names; one per test class, for their logs
     */
    public static WorkerPool start(Fleet fleet, String stem) throws Exception {
        WorkerPool pool = new WorkerPool(fleet, stem);
        try {
            pool.complete();
        } catch (Exception | AssertionError e) {
            pool.close(); // nobody else can
            throw e;
        }
        return pool;
    }

    /** Starts as many workers as are wanting, and waits until all take requests. */
    public void complete() throws Exception {
        replace();
        awaitPolling();
    }

    /** Starts as many workers as are wanting. */
    public void replace() throws IOException {
        while (members.size() < WORKERS) {
            String name = stem + "-" + ++started;
            int port = Ports.free();
            fleet.with("management.server.port", Integer.toString(port));
            ManagementPages pages = new ManagementPages(port, null);
            WorkerProcess worker = fleet.startWorker(name);
            all.add(worker);
            members.put(name, new Member(worker, pages));
        }
    }

    /** Waits until all take requests; fails with its output if one has ended by itself. */
    public void awaitPolling() throws Exception {
        for (Member each : members.values()) {
            each.process().awaitPolling();
        }
    }

    /** Waits until this holds of what every worker's readiness says of its work; all stay ready. */
    public void awaitReadiness(String what, Predicate<JsonNode> enough) throws Exception {
        for (String worker : members.keySet()) {
            Await.until(worker + ": " + what, () -> enough.test(readiness(worker)));
        }
    }

    /** The same of any worker. */
    public void awaitReadinessOfAny(String what, Predicate<JsonNode> enough) throws Exception {
        Await.until(
                "a worker " + what,
                () -> {
                    boolean any = false;
                    for (String worker : members.keySet()) {
                        any |= enough.test(readiness(worker));
                    }
                    return any;
                });
    }

    /** Requests that stand in line, on all workers. */
    public long waiting() throws IOException, InterruptedException {
        double waiting = 0;
        for (Member each : members.values()) {
            waiting += each.pages().metric("gantry_waiting");
        }
        return Math.round(waiting);
    }

    /**
     * Waits until every worker knows of it, by what its own metrics say of the lane: from then on
     * each calls it with a probe only, if at all.
     */
    public void awaitBenched(String lane) throws Exception {
        String gauge = "gantry_lane_state{lane=\"%s\"".formatted(lane);
        for (Map.Entry<String, Member> each : members.entrySet()) {
            Await.until(
                    each.getKey() + ": " + lane + " is benched",
                    () -> each.getValue().pages().metric(gauge) > 0);
        }
    }

    private JsonNode readiness(String worker) throws IOException, InterruptedException {
        ManagementPages pages = Objects.requireNonNull(members.get(worker)).pages();
        HttpResponse<String> answer = pages.send(pages.request("health/readiness"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).at("/components/work/details");
    }

    public List<WorkerProcess> workers() {
        return members.values().stream().map(Member::process).toList();
    }

    /**
     * SIGKILL.
     *
     * @param id as the meter and the circuits' table have it: its name and more
     */
    public void kill(String id) throws InterruptedException {
        String name =
                members.keySet().stream()
                        .filter(each -> id.equals(each) || id.startsWith(each + "-"))
                        .findFirst()
                        .orElseThrow();
        Objects.requireNonNull(members.remove(name)).process().kill();
        killed.add(name);
    }

    /** SIGKILL to the one that lives longest, and another in its place. */
    public void killOne() throws IOException, InterruptedException {
        kill(members.keySet().iterator().next());
        replace();
    }

    /**
     * Another one joins, and SIGTERM to the one that lives longest, as in a rolling restart: only
     * if one that stays takes requests already. Its end is awaited later.
     */
    public void replaceOne() throws IOException {
        String name = members.keySet().iterator().next();
        boolean others = false;
        for (Map.Entry<String, Member> each : members.entrySet()) {
            others |= !each.getKey().equals(name) && each.getValue().process().polls();
        }
        if (!others) {
            return;
        }
        WorkerProcess leaving = Objects.requireNonNull(members.remove(name)).process();
        replace();
        leaving.terminate();
        left.add(leaving);
    }

    /** Waits until all that were asked to stop have ended, in good order. */
    public void awaitLeft() throws InterruptedException {
        for (WorkerProcess each : left) {
            assertThat(each.stop()).isZero();
        }
        left.clear();
    }

    /** All are dead before the first starts again. */
    public void killAll() throws IOException, InterruptedException {
        for (String each : List.copyOf(members.keySet())) {
            kill(each);
        }
        replace();
    }

    /** The names of all that were killed. */
    public Set<String> killed() {
        return Set.copyOf(killed);
    }

    /** SIGTERM to the one that lives longest; it must end in good order. */
    public void stopOne() throws InterruptedException {
        String name = members.keySet().iterator().next();
        assertThat(Objects.requireNonNull(members.remove(name)).process().stop()).isZero();
    }

    /** All are down at once before the first starts again. */
    public void restart() throws Exception {
        while (!members.isEmpty()) {
            stopOne();
        }
        complete();
    }

    /** Has every worker write its threads to its log: what does a stuck one wait for? */
    public void dumpThreads() throws IOException, InterruptedException {
        for (Member each : members.values()) {
            String pid = Long.toString(each.process().pid());
            new ProcessBuilder("kill", "-QUIT", pid).inheritIO().start().waitFor();
        }
    }

    /** What they warned of, or called an error, those that were killed among them. */
    public List<String> complaints() throws IOException {
        List<String> lines = new ArrayList<>();
        for (WorkerProcess each : all) {
            each.complaints().forEach(lines::add);
        }
        return lines;
    }

    @Override
    public void close() {
        members.values().forEach(each -> each.process().close());
        left.forEach(WorkerProcess::close);
    }
}
