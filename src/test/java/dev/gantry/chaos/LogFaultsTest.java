package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.Topic;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The requests topic changes under a worker, or what is done of it cannot be read: whoever is
 * answered is counted, and so is every call and what the meter says of it.
 */
class LogFaultsTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String group = SharedBroker.unique("log-faults");
    private final SimulatedProvider provider;
    private final Topic topic;
    private final Fleet fleet;

    LogFaultsTest() throws Exception {
        provider =
                SimulatedProvider.start(
                        Script.of(Behaviour.FAULTLESS)
                                .model(
                                        "slow",
                                        Behaviour.taking(
                                                new Latency.Fixed(Duration.ofSeconds(3)))));
        topic = Topic.create("log-faults", 1);
        fleet =
                Fleet.create()
                        .provider("sim", "cloud", provider.baseUrl(), "fast", "slow")
                        .with("gantry.worker.group", group)
                        .with("gantry.worker.max-in-flight", "100")
                        .with("gantry.topics.requests", topic.name());
    }

    @AfterEach
    void stop() throws IOException {
        topic.close();
        fleet.close();
        provider.close();
    }

    @ParameterizedTest(name = "group protocol {0}")
    @ValueSource(strings = {"consumer", "classic"})
    void aTopicIsMadeAnewUnderABusyWorker(String protocol) throws Exception {
        fleet.with("gantry.worker.group-protocol", protocol);
        try (ConfigurableApplicationContext worker = worker()) {
            send("old", "fast", 300);
            send("late", "slow", 20);
            awaitResults(names("old", 300));
            Await.until("the late ones are called", () -> calls() == 320);
            topic.makeAnew(1);
            send("new", "fast", 600);

            awaitResults(names("new", 600));
            Await.until("all is committed", () -> topic.committed(group, 0).offset() == 600);
            Await.until("sound", () -> degraded(worker).isEmpty());
        }
        Set<String> all = names("old", 300);
        all.addAll(names("new", 600));
        // What ran in the moment of a revocation may have been given up; it is metered still.
        assertThat(results()).containsAll(all);
        assertEachCalledOnceAndMetered(920);
    }

    @Test
    void requestsAreDeletedBeforeTheyAreRead() throws Exception {
        try (ConfigurableApplicationContext _ = worker()) {
            send("read", "fast", 10);
            awaitResults(names("read", 10));
            Await.until("committed", () -> topic.committed(group, 0).offset() == 10);
        }
        send("unread", "fast", 40);
        topic.deleteBefore(0, 40);

        try (ConfigurableApplicationContext worker = worker()) {
            Await.until("committed", () -> topic.committed(group, 0).offset() == 50);

            assertThat(degraded(worker).toString())
                    .contains("30 requests skipped in " + topic.name() + "-0, offsets 10 to 39");
            assertThat(ManagementPages.of(worker, null).text("prometheus"))
                    .contains("gantry_requests_skipped_total{reason=\"deleted\"} 30.0");
        }
        assertThat(results()).hasSize(20);
        assertEachCalledOnceAndMetered(20);
    }

    @Test
    void whatIsDoneCannotBeReadForAWhile() throws Exception {
        OffsetAndMetadata before;
        Set<String> done = new HashSet<>();
        try (ConfigurableApplicationContext _ = worker()) {
            do {
                String round = "-" + done.size();
                send("slow" + round, "slow", 1);
                send("done" + round, "fast", 200);
                done.addAll(names("slow" + round, 1));
                done.addAll(names("done" + round, 200));
            } while (!mapCommitted(done.size()));
            awaitResults(done);
            Await.until(
                    "all is committed", () -> topic.committed(group, 0).offset() == done.size());
            before = topic.committed(group, 0);
        }
        try (HikariDataSource pool = SharedDatabase.pool(1);
                Connection lock = pool.getConnection()) {
            lock.setAutoCommit(false);
            try (var statement = lock.createStatement()) {
                statement.execute(
                        "lock table %s.spool_done in access exclusive mode"
                                .formatted(fleet.property("gantry.database.schema")));
            }
            send("more", "fast", 50);
            try (ConfigurableApplicationContext worker = worker()) {
                Await.until(
                        "it says so",
                        () ->
                                degraded(worker)
                                        .toString()
                                        .contains("does not say which requests are finished"));
                assertThat(calls()).isEqualTo(done.size());
                assertThat(topic.committed(group, 0)).isEqualTo(before);

                lock.rollback();

                awaitResults(names("more", 50));
                Await.until("sound", () -> degraded(worker).isEmpty());
            }
        }
        assertEachCalledOnceAndMetered(done.size() + 50);
    }

    /** False if the slow one was quicker than whoever looks: then all is committed. */
    private boolean mapCommitted(int all) throws Exception {
        AtomicReference<OffsetAndMetadata> seen = new AtomicReference<>(new OffsetAndMetadata(0));
        Await.until(
                "the map, or all, is committed",
                () -> {
                    seen.set(topic.committed(group, 0));
                    return seen.get().offset() == all || !seen.get().metadata().isEmpty();
                });
        return seen.get().offset() < all;
    }

    private ConfigurableApplicationContext worker() {
        return Commands.startWorker(List.of(fleet.arguments()));
    }

    private void send(String stem, String model, int count) throws Exception {
        List<byte[]> lines =
                RequestLines.names(stem + "-", count).stream()
                        .map(each -> RequestLines.chat(each, model))
                        .map(each -> each.getBytes(StandardCharsets.UTF_8))
                        .toList();
        topic.send(lines, 1);
    }

    private static Set<String> names(String stem, int count) {
        return new HashSet<>(RequestLines.names(stem + "-", count));
    }

    private void awaitResults(Collection<String> names) {
        try (TopicReader results = fleet.read("results")) {
            results.until(
                    names.size() + " results", seen -> named(seen).keySet().containsAll(names));
        }
    }

    /** Of every request that has one; fails if one has two that differ in id. */
    private Set<String> results() {
        try (TopicReader results = fleet.read("results")) {
            Map<String, Set<String>> named = named(results.all());
            assertThat(named.values()).allSatisfy(ids -> assertThat(ids).hasSize(1));
            return named.keySet();
        }
    }

    private static Map<String, Set<String>> named(List<ConsumerRecord<byte[], byte[]>> seen) {
        Map<String, Set<String>> named = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : seen) {
            JsonNode result = JSON.readTree(each.value());
            named.computeIfAbsent(result.at("/custom_id").asString(), _ -> new HashSet<>())
                    .add(result.at("/id").asString());
        }
        return named;
    }

    private void assertEachCalledOnceAndMetered(int count) {
        Set<String> called = new HashSet<>();
        for (Call call : provider.ledger().calls()) {
            called.add(String.valueOf(call.attemptId()));
        }
        assertThat(provider.ledger().calls()).hasSize(count);
        try (TopicReader metering = fleet.read("metering")) {
            Set<String> metered = new HashSet<>();
            for (ConsumerRecord<byte[], byte[]> each : metering.all()) {
                metered.add(JSON.readTree(each.value()).at("/attempt_id").asString());
            }
            assertThat(metered).isEqualTo(called);
        }
    }

    private int calls() {
        return provider.ledger().calls().size();
    }

    private static JsonNode degraded(ConfigurableApplicationContext worker) throws Exception {
        return ManagementPages.of(worker, null).work().at("/degraded");
    }
}
