package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.SimulatorProcess;
import dev.gantry.benchmark.baseline.Place;
import dev.gantry.benchmark.compare.Scenario.Trouble;
import dev.gantry.benchmark.compare.Scenario.Upstream;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A party in a scenario: topics and processes of its own. */
final class RunningParty implements AutoCloseable {
    private static final int PARTITIONS = 6;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Longer than a call, a broker's absence and the election of a dead worker's successor. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final double BEFORE_TROUBLE = 0.3;

    private final Party party;
    private final Scenario scenario;
    private final SimulatorProcess provider;
    private final Fleet fleet;
    private final Place place;
    private final RequestSource source;
    private final ResultLog log;
    private final List<PartyProcess> processes = new ArrayList<>();
    private int started;

    /** Of those that were killed. */
    private long spentMicros;

    RunningParty(Party party, Scenario scenario, String bootstrapServers, SimulatorProcess provider)
            throws Exception {
        this.party = party;
        this.scenario = scenario;
        this.provider = provider;
        this.fleet = fleet(scenario, bootstrapServers, provider);
        this.place = place(scenario, fleet, provider);
        makeTopics(fleet);
        this.source = new RequestSource(scenario, fleet, PARTITIONS);
        this.log = new ResultLog(scenario, fleet, PARTITIONS);
    }

    private static Fleet fleet(
            Scenario scenario, String bootstrapServers, SimulatorProcess provider) {
        Fleet fleet =
                Fleet.createOn(bootstrapServers)
                        .with("gantry.topics.partitions", Integer.toString(PARTITIONS))
                        .with(
                                "gantry.worker.max-in-flight",
                                Integer.toString(scenario.size().inFlight()))
                        // As where nobody looks: a worker's log is JSON.
                        .with("logging.structured.format.console", "ecs");
        int weight = 100 * scenario.upstreams().size();
        for (Upstream each : scenario.upstreams()) {
            String prefix = "gantry.providers." + each.name() + ".";
            fleet.provider(
                            each.name(),
                            "cloud",
                            provider.baseUrl(),
                            each.models().toArray(String[]::new))
                    .with(prefix + "auth", "bearer")
                    .with(prefix + "instances.main.api-key", each.key())
                    .with(prefix + "timeout", TIMEOUT.toSeconds() + "s")
                    .with(prefix + "weight", Integer.toString(weight));
            weight -= 100;
        }
        return fleet;
    }

    private static Place place(Scenario scenario, Fleet fleet, SimulatorProcess provider) {
        return new Place(
                fleet.bootstrapServers(),
                fleet.topic("group"),
                fleet.topic("requests"),
                fleet.topic("results"),
                fleet.topic("metering"),
                Math.ceilDiv(PARTITIONS, scenario.size().workers()),
                scenario.size().inFlight(),
                TIMEOUT,
                scenario.upstreams().stream()
                        .map(
                                each ->
                                        new Place.Lane(
                                                provider.baseUrl().resolve("/v1/chat/completions"),
                                                each.key(),
                                                each.models()))
                        .toList());
    }

    /** Results have the time at which the broker had them. */
    private static void makeTopics(Fleet fleet) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.bootstrapServers()))) {
            List<NewTopic> topics = new ArrayList<>();
            for (String each : List.of("requests", "results", "metering")) {
                NewTopic topic =
                        new NewTopic(fleet.topic(each), Optional.of(PARTITIONS), Optional.empty());
                topics.add(
                        topic.configs(
                                each.equals("results")
                                        ? Map.of("message.timestamp.type", "LogAppendTime")
                                        : Map.of()));
            }
            Topic.make(admin, topics);
        }
    }

    Party party() {
        return party;
    }

    /** Returns once all its processes take requests. */
    void start() throws Exception {
        while (processes.size() < scenario.size().workers()) {
            String name = "%s-%s-%d".formatted(scenario.name(), party.label(), ++started);
            processes.add(PartyProcess.start(party, name, fleet, place));
        }
        for (PartyProcess each : processes) {
            each.awaitReady();
        }
    }

    /**
     * All requests of a round at once.
     *
     * @param trouble what befalls it in the middle
     * @param broker the one that goes away
     */
    Figures.Burst burst(Trouble trouble, Broker broker) throws Exception {
        provider.reset();
        long spent = cpuMicros();
        List<Integer> collections = collections();
        RequestSource.Lot lot =
                source.burst(party.share(scenario, scenario.load().requests(), PARTITIONS));
        ResultLog.Results results = log.of(lot);
        long whileAway =
                switch (trouble) {
                    case Trouble.None() -> 0;
                    case Trouble.WorkerKilled() -> {
                        results.await(BEFORE_TROUBLE, PATIENCE);
                        replaceOne();
                        collections = List.of();
                        yield 0;
                    }
                    case Trouble.BrokerAway(Duration time) -> {
                        results.await(BEFORE_TROUBLE, PATIENCE);
                        long before = provider.calls();
                        broker.goAway(time);
                        yield provider.calls() - before;
                    }
                };
        results.await(1, PATIENCE);
        long[] times = results.times();
        return new Figures.Burst(
                results.expected(),
                trouble instanceof Trouble.None
                        ? Figures.perSecond(times)
                        : Figures.perSecond(lot, times),
                (double) (cpuMicros() - spent) / Math.max(1, results.answered()),
                heap(collections),
                provider.calls(),
                results.expected() - results.answered(),
                results.repeated(),
                Figures.longestGapMillis(times),
                whileAway);
    }

    /** Requests at a steady rate. */
    Figures.Pace pace(int count, double perSecond) throws Exception {
        provider.reset();
        long spent = cpuMicros();
        List<Integer> collections = collections();
        RequestSource.Lot lot = source.paced(count, perSecond);
        Map<String, byte[]> values = new HashMap<>();
        ResultLog.Results results = log.of(lot, values);
        results.await(1, PATIENCE);
        double[] added = addedMillis(lot, results, values);
        return new Figures.Pace(
                results.expected(),
                perSecond,
                Figures.quantile(added, 0.5),
                Figures.quantile(added, 0.99),
                (double) (cpuMicros() - spent) / Math.max(1, results.answered()),
                heap(collections),
                results.expected() - results.answered());
    }

    /** What a request took beyond its calls, ascending. */
    private double[] addedMillis(
            RequestSource.Lot lot, ResultLog.Results results, Map<String, byte[]> values)
            throws IOException, InterruptedException {
        Map<String, Duration> calls = provider.durations();
        double[] added = new double[values.size()];
        int next = 0;
        for (Map.Entry<String, byte[]> each : values.entrySet()) {
            int place = Integer.parseInt(each.getKey().substring(1)) - lot.from();
            double took = results.answeredMillis(place) - lot.dueMicros(place) / 1e3;
            for (String attempt : party.attempts(each.getKey(), each.getValue(), calls)) {
                took -= calls.getOrDefault(attempt, Duration.ZERO).toNanos() / 1e6;
            }
            added[next++] = Math.max(0, took);
        }
        Arrays.sort(added);
        return added;
    }

    private void replaceOne() throws Exception {
        PartyProcess victim = processes.removeFirst();
        spentMicros += victim.cpuMicros();
        victim.kill();
        start();
    }

    private long cpuMicros() {
        return spentMicros + processes.stream().mapToLong(PartyProcess::cpuMicros).sum();
    }

    private List<Integer> collections() throws IOException {
        List<Integer> all = new ArrayList<>();
        for (PartyProcess each : processes) {
            all.add(each.collections());
        }
        return all;
    }

    /** The most of any process. */
    private @Nullable Long heap(List<Integer> from) throws IOException {
        Long most = null;
        for (int each = 0; each < processes.size(); each++) {
            OptionalLong heap = processes.get(each).heap(each < from.size() ? from.get(each) : 0);
            if (heap.isPresent() && (most == null || heap.getAsLong() > most)) {
                most = heap.getAsLong();
            }
        }
        return most;
    }

    @Override
    public void close() {
        processes.forEach(PartyProcess::close);
        source.close();
        log.close();
        fleet.close();
    }
}
