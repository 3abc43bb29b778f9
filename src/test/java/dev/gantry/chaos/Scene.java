package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.WorkerProcess;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** One worker process and a provider that never fails, on a broker that a test does things to. */
final class Scene implements AutoCloseable {
    /** Without it a page does not say why. */
    private static final String TOKEN = "the-operator-of-this-scene";

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);

    private final SimulatedProvider provider;
    private final Fleet fleet;
    private final ManagementPages pages;
    private final List<String> requests = new ArrayList<>();
    private WorkerProcess worker;

    private Scene(
            SimulatedProvider provider, Fleet fleet, ManagementPages pages, WorkerProcess worker) {
        this.provider = provider;
        this.fleet = fleet;
        this.pages = pages;
        this.worker = worker;
    }

    /** A fleet on this broker, for more settings. */
    static Fleet fleet(DurableBroker broker) {
        return Fleet.createOn(broker.bootstrapServers())
                .with("gantry.topics.partitions", "2")
                .with("gantry.worker.max-in-flight", "50");
    }

    /**
     * Starts the worker; it need not be able to join.
     *
     * @param took of each call
     */
    static Scene start(Fleet fleet, String name, Duration took, String... jvmOptions)
            throws IOException {
        SimulatedProvider provider =
                SimulatedProvider.start(Script.of(Behaviour.taking(new Latency.Fixed(took))));
        int port = Ports.free();
        fleet.provider("one", "cloud", provider.baseUrl(), "model")
                .with("gantry.operator.token", TOKEN)
                .with("management.server.port", Integer.toString(port));
        List<String> options = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
        options.addAll(jvmOptions.length == 0 ? List.of("-Xmx512m") : List.of(jvmOptions));
        ManagementPages pages = new ManagementPages(port, TOKEN);
        return new Scene(provider, fleet, pages, fleet.startWorker(name, options));
    }

    void awaitPolling() throws Exception {
        worker.awaitPolling();
    }

    WorkerProcess worker() {
        return worker;
    }

    /** Another process in the place of one that has ended. */
    void restart(String name) throws IOException {
        worker.close();
        worker = fleet.startWorker(name);
    }

    /** Sends so many requests to one partition. */
    void send(int partition, String stem, int count) throws Exception {
        List<String> names = RequestLines.names(stem, count);
        fleet.send(partition, names.stream().map(Scene::request).toList());
        requests.addAll(names);
    }

    /** As the worker takes it. */
    static String request(String name) {
        return RequestLines.chat(name, "model");
    }

    /** Was sent by somebody else, and is to be answered like the others. */
    void expect(List<String> names) {
        requests.addAll(names);
    }

    /** Will not be answered, for the test has made that impossible. */
    void forget(List<String> names) {
        requests.removeAll(names);
    }

    int called() {
        return provider.ledger().calls().size();
    }

    /** What readiness says of the work. */
    JsonNode work() throws IOException, InterruptedException {
        return pages.work();
    }

    void awaitDegraded(String what) throws Exception {
        Await.until("degraded: " + what, () -> work().at("/degraded").toString().contains(what));
    }

    void awaitSound() throws Exception {
        Await.until(
                "nothing is degraded",
                () -> work().at("/degraded").isArray() && work().at("/degraded").isEmpty());
    }

    String metrics() throws IOException, InterruptedException {
        return pages.text("prometheus");
    }

    /** Every request has its result, and calls and meter agree; returns them all. */
    Run settled() throws Exception {
        Run run = answered();
        assertThat(run.findings()).isEmpty();
        return run;
    }

    /** Every request has a result; returns what was said and called. */
    Run answered() throws Exception {
        try (TopicTail results = new TopicTail(fleet, "results");
                TopicTail metering = new TopicTail(fleet, "metering");
                TopicTail audit = new TopicTail(fleet, "audit")) {
            results.of("", LIMIT, seen -> names(seen).containsAll(requests));
            assertThat(provider.ledger().awaitQuiet(SETTLED_WITHIN)).isTrue();
            Map<String, Integer> counted = new HashMap<>();
            requests.forEach(each -> counted.merge(each, 1, Integer::sum));
            // What a lost membership repeats is called after the last answer: the ledger grows
            // still.
            AtomicReference<Run> agreed = new AtomicReference<>();
            metering.of(
                    "",
                    SETTLED_WITHIN,
                    seen -> {
                        List<Call> calls = provider.ledger().calls();
                        Run run =
                                new Run(
                                        counted,
                                        results.of(""),
                                        seen,
                                        audit.of(""),
                                        calls,
                                        Set.of());
                        agreed.set(run);
                        return LedgerComparison.of(run).findings().isEmpty();
                    });
            return agreed.get();
        }
    }

    private static Set<String> names(List<ConsumedRecord> words) {
        Set<String> names = new HashSet<>();
        words.forEach(each -> names.add(each.at("/custom_id")));
        return names;
    }

    @Override
    public void close() throws IOException {
        worker.close();
        fleet.close();
        provider.close();
    }
}
