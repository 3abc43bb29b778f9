package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.joining;

import dev.gantry.chaos.FaultSchedule.Move;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault.CutBefore;
import dev.gantry.simulator.script.Fault.CutDuring;
import dev.gantry.simulator.script.Fault.Hang;
import dev.gantry.simulator.script.Fault.Refuse;
import dev.gantry.simulator.script.Fault.Truncate;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestFeed;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.WorkerPool;
import dev.gantry.testbed.WorkerProcess;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A broker, a database, a provider and three workers of a test class's own, under steady traffic
 * while a schedule breaks them.
 */
final class FaultServices implements AutoCloseable {
    /** After so long the producer gives a record up; an outage lasts five times that. */
    private static final Duration DETECTION = Duration.ofSeconds(1);

    private static final Duration SKEW = Duration.ofHours(1);
    private static final Duration RESULTS_WITHIN = Duration.ofMinutes(3);
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);
    private static final int SHOWN = 10;
    private static final int PARTITIONS = 6;
    private static final long TRAFFIC = 7;
    private static final int AT_ONCE = 300;
    private static final int PER_SECOND = 40;

    private final DurableBroker broker;
    private final DatabaseProcess database;
    private final SimulatedProvider provider;
    private final Fleet fleet;
    private final WorkerPool pool;
    private final SpoolDepth spool;
    private final TopicTail results;
    private final TopicTail metering;
    private final TopicTail audit;
    private int runs;
    private boolean caughtDraining;

    private FaultServices(DurableBroker broker, DatabaseProcess database, String stem)
            throws Exception {
        this.broker = broker;
        this.database = database;
        this.provider = SimulatedProvider.start(Script.of(moody()).seeded(TRAFFIC));
        this.fleet = fleet(broker, database, provider);
        this.pool = WorkerPool.start(fleet, stem);
        this.spool = new SpoolDepth(database.address(), fleet.property("gantry.database.schema"));
        this.results = new TopicTail(fleet, "results");
        this.metering = new TopicTail(fleet, "metering");
        this.audit = new TopicTail(fleet, "audit");
    }

    /**
     * Starts everything.
     *
     * @param stem of the workers' names, for their logs
     */
    static FaultServices start(String stem) throws Exception {
        return new FaultServices(DurableBroker.start(), DatabaseProcess.start(), stem);
    }

    /** Five times the detection timeout in force. */
    static Duration shortestOutage() {
        return DETECTION.multipliedBy(5);
    }

    /** The same, unless the profile asks for a longer one. */
    static Duration outage() {
        Duration asked = Duration.parse(System.getProperty("chaos.outage", "PT0S"));
        return asked.compareTo(shortestOutage()) > 0 ? asked : shortestOutage();
    }

    /** Of every kind of end that costs something, costs nothing, or leaves that open. */
    private static Behaviour moody() {
        Latency usual = new Latency.Uniform(Duration.ofMillis(50), Duration.ofMillis(400));
        return Behaviour.taking(
                        new Latency.Mixture(
                                List.of(
                                        new Latency.Part(97, usual),
                                        new Latency.Part(
                                                3, new Latency.Fixed(Duration.ofSeconds(2))))))
                // Seldom: workers slow down for good when a lane's limit shows again and again.
                .with(
                        Chance.of(
                                0.003,
                                new Refuse(
                                        Refusal.RATE_LIMIT,
                                        ProviderStyle.OPENAI,
                                        Duration.ofMillis(200),
                                        Latency.ZERO)))
                .with(Chance.of(0.05, dev.gantry.simulator.script.Fault.refuse(Refusal.SERVER)))
                .with(Chance.of(0.01, new Hang(true)))
                .with(Chance.of(0.01, new CutBefore(ConnectionEnd.CLOSE, true)))
                .with(Chance.of(0.01, new CutDuring(ConnectionEnd.CLOSE)))
                .with(Chance.of(0.01, new Truncate()));
    }

    private static Fleet fleet(
            DurableBroker broker, DatabaseProcess database, SimulatedProvider provider) {
        SharedDatabase.Address address = database.address();
        Fleet fleet =
                Fleet.createOn(broker.bootstrapServers())
                        .with("logging.config", "classpath:logback-shipped.xml")
                        .with("logging.pattern.console", WorkerProcess.WITH_LOGGER)
                        .with("spring.datasource.url", address.url())
                        .with("spring.datasource.username", address.username())
                        .with("spring.datasource.password", address.password())
                        .with("spring.datasource.hikari.connection-timeout", "1000")
                        .with("spring.datasource.hikari.validation-timeout", "1000")
                        .with("spring.datasource.hikari.data-source-properties.connectTimeout", "1")
                        .with("spring.datasource.hikari.data-source-properties.socketTimeout", "1")
                        .with(producer("delivery.timeout.ms"), millis(DETECTION))
                        .with(producer("request.timeout.ms"), "900")
                        .with("gantry.topics.partitions", Integer.toString(PARTITIONS))
                        .with("gantry.worker.max-in-flight", "20")
                        .with("gantry.routing.max-attempts", "6")
                        .with("gantry.policies.raced.chain[0]", "one:model")
                        .with("gantry.policies.raced.chain[1]", "two:model")
                        .with("gantry.policies.raced.chain[2]", "three:model")
                        .with("gantry.policies.raced.latency.race-after-ms", "300")
                        .with("gantry.policies.raced.failover.max-attempts", "6")
                        .with("gantry.policies.raced.failover.retries", "0")
                        .with("gantry.circuit.failure-threshold", "20")
                        .with("gantry.circuit.cooldown", "500ms")
                        .with("gantry.circuit.max-cooldown", "1s")
                        .with("gantry.circuit.rate-limit-cooldown", "200ms")
                        .with("gantry.circuit.max-long-cooldown", "1s")
                        .with("gantry.circuit.auth-cooldown", "1s")
                        .with("gantry.circuit.billing-cooldown", "1s");
        for (String family : List.of("one", "two", "three")) {
            fleet.provider(family, "cloud", provider.baseUrl(), "model")
                    .with("gantry.providers." + family + ".timeout", "1500ms")
                    .with("gantry.providers." + family + ".connect-timeout", "1s");
        }
        return fleet;
    }

    /** Every other request may have two calls under way. */
    private static String line(String id) {
        return id.hashCode() % 2 == 0
                ? RequestLines.chat(id, "model")
                : RequestLines.byPolicy(id, "raced");
    }

    private static String producer(String key) {
        return "spring.kafka.producer.properties." + key;
    }

    private static String millis(Duration time) {
        return Long.toString(time.toMillis());
    }

    /** Whether the drain had begun, and was not over, when its workers were last killed. */
    boolean caughtDraining() {
        return caughtDraining;
    }

    /** As a dump does; until it is closed, so many deleted results stay in the spool. */
    Connection holdSnapshot(int dead) throws SQLException {
        return spool.holdSnapshot(fleet.topic("results"), dead);
    }

    /** Fails with all that is known, unless every promise was kept. */
    Run keepsItsPromises(FaultSchedule schedule) throws Exception {
        String stem = "run" + ++runs + "-";
        System.out.println("chaos " + stem + " " + schedule);
        provider.reset();
        long begun = System.nanoTime();
        List<String> requests;
        try (RequestFeed feed =
                RequestFeed.start(fleet, FaultServices::line, stem, AT_ONCE, PER_SECOND)) {
            results.of(stem, RESULTS_WITHIN, seen -> seen.size() >= AT_ONCE / 10);
            play(schedule);
            broker.awaitAnswer();
            requests = feed.stop();
        }
        Run run = run(stem, requests);
        System.out.printf(
                "chaos %s %d requests, %d results, %d calls, in doubt %d, %d s%n",
                stem,
                requests.size(),
                run.results().size(),
                run.calls().size(),
                LedgerComparison.of(run).inDoubt().size(),
                Duration.ofNanos(System.nanoTime() - begun).toSeconds());
        judge(schedule, run);
        return run;
    }

    private void judge(FaultSchedule schedule, Run run) throws Exception {
        List<Finding> findings = new ArrayList<>(run.findings());
        List<Finding> repeated = LedgerComparison.of(run).repeated();
        System.out.println("chaos: executed more than once: " + repeated.size());
        if (schedule.onlyWorkers()) {
            findings.addAll(repeated);
        }
        if (!findings.isEmpty()) {
            pool.dumpThreads();
            String report = report(schedule, findings);
            System.out.println(report); // at once: the build tells it only at the class's end
            throw new AssertionError(report);
        }
        Await.until("the spool is empty", () -> spool.rows() == 0);
    }

    /** Counted by promise, and the first few in full. */
    private static String report(FaultSchedule schedule, List<Finding> findings) {
        Map<String, Integer> counts = new TreeMap<>();
        findings.forEach(each -> counts.merge(each.promise(), 1, Integer::sum));
        return findings.stream()
                .limit(SHOWN)
                .map(Finding::toString)
                .collect(joining("\n", "%s%n%s%n".formatted(schedule, counts), "\n"));
    }

    private Run run(String stem, List<String> requests) throws Exception {
        List<ConsumedRecord> ends =
                results.of(
                        stem,
                        RESULTS_WITHIN,
                        seen -> names(seen, "/custom_id").containsAll(requests));
        pool.awaitPolling();
        pool.awaitLeft();
        boolean quiet = provider.ledger().awaitQuiet(SETTLED_WITHIN);
        assertThat(quiet).as("no call is under way").isTrue();
        Map<String, Integer> counted = new HashMap<>();
        requests.forEach(each -> counted.merge(each, 1, Integer::sum));
        Set<String> killed = pool.killed();
        List<ConsumedRecord> audits = audit.of(stem);
        Run unsettled = new Run(counted, ends, List.of(), audits, calls(stem), killed);
        List<ConsumedRecord> meters =
                metering.of(
                        stem,
                        SETTLED_WITHIN,
                        seen -> unsettled.with(seen, audit.of(stem)).findings().isEmpty());
        return new Run(counted, results.of(stem), meters, audit.of(stem), calls(stem), killed);
    }

    /** Without those that a run before this one left behind when it failed. */
    private List<Call> calls(String stem) {
        Set<String> others = metering.attemptsBut(stem);
        return provider.ledger().calls().stream()
                .filter(each -> !others.contains(String.valueOf(each.attemptId())))
                .toList();
    }

    private static Set<String> names(List<ConsumedRecord> words, String pointer) {
        Set<String> names = new HashSet<>();
        words.forEach(each -> names.add(each.at(pointer)));
        return names;
    }

    private void play(FaultSchedule schedule) throws Exception {
        long start = System.nanoTime();
        for (Move move : schedule.moves()) {
            long due = start + move.at().toNanos();
            Await.until("it is time for " + move, () -> System.nanoTime() >= due);
            System.out.println("chaos " + InstantSource.system().instant() + " " + move);
            switch (move) {
                case Move.Break(_, PlannedFault plannedFault) -> strike(plannedFault);
                case Move.Mend(Duration at, PlannedFault plannedFault) -> {
                    if (schedule.killsTheDrain(at)) {
                        Await.until("there is something to drain", () -> spool.rows() > 0);
                    }
                    mend(plannedFault);
                }
            }
        }
    }

    private void strike(PlannedFault plannedFault) throws IOException, InterruptedException {
        switch (plannedFault) {
            case BROKER_STOPPED -> broker.stop();
            case BROKER_KILLED -> broker.kill();
            case BROKER_FROZEN -> broker.freeze();
            case DATABASE_STOPPED -> database.stop();
            case DATABASE_FROZEN -> database.freeze();
            case WORKER_KILLED -> pool.killOne();
            case WORKER_REPLACED -> pool.replaceOne();
            case EVERY_WORKER_KILLED -> pool.killAll();
            case DRAIN_KILLED -> {
                caughtDraining = draining();
                System.out.println("chaos: killed while the spool drains: " + caughtDraining);
                pool.killAll();
            }
            case CLOCK_AHEAD -> killOne(SKEW);
            case CLOCK_BEHIND -> killOne(SKEW.negated());
        }
    }

    /** The clock of the one in its place is off. */
    private void killOne(Duration skew) throws IOException, InterruptedException {
        fleet.with(ClockSkew.KEY, skew.toString());
        pool.killOne();
        fleet.with(ClockSkew.KEY, Duration.ZERO.toString());
    }

    private boolean draining() {
        try {
            return spool.awaitDraining();
        } catch (SQLException _) {
            return false; // the database is away, too
        }
    }

    private void mend(PlannedFault plannedFault) throws IOException, InterruptedException {
        switch (plannedFault) {
            case BROKER_STOPPED, BROKER_KILLED -> broker.startAgain();
            case BROKER_FROZEN -> broker.thaw();
            case DATABASE_STOPPED -> database.startAgain();
            case DATABASE_FROZEN -> database.thaw();
            case WORKER_KILLED,
                    WORKER_REPLACED,
                    EVERY_WORKER_KILLED,
                    DRAIN_KILLED,
                    CLOCK_AHEAD,
                    CLOCK_BEHIND ->
                    throw new IllegalArgumentException(plannedFault + " is not undone");
        }
    }

    /** What all workers warned of, or called an error. */
    List<String> complaints() throws IOException {
        return pool.complaints();
    }

    @Override
    public void close() throws IOException {
        results.close();
        metering.close();
        audit.close();
        pool.close();
        fleet.close();
        provider.close();
        database.close();
        broker.close();
    }
}
