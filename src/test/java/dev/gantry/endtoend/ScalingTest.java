package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * Two workers have calls under way, a third joins, one is asked to stop: every request is called
 * once. {@code -Dscaling.requests=400 -Dscaling.call=PT20S} is the figure of the papers.
 */
class ScalingTest {
    private static final boolean FIGURE = System.getProperty("scaling.requests") != null;
    private static final int REQUESTS = Integer.getInteger("scaling.requests", 60);
    private static final Duration CALL = Duration.parse(System.getProperty("scaling.call", "PT4S"));

    /** Of the figure; a busy machine's build takes its time. */
    private static final Duration UNOWNED = Duration.ofSeconds(FIGURE ? 2 : 30);

    @Test
    void joiningAndLeavingCallNobodyTwice() throws Exception {
        try (SimulatedProvider provider =
                        SimulatedProvider.start(
                                Script.of(Behaviour.taking(new Latency.Fixed(CALL))));
                Fleet fleet = fleet(provider);
                Member first = new Member(fleet);
                Member second = new Member(fleet)) {
            first.awaitPartitions();
            second.awaitPartitions();
            List<String> names = fleet.ask("model", "r", REQUESTS);
            Await.until("all are called", () -> provider.ledger().begun() >= REQUESTS);
            try (Owners owners = new Owners(fleet);
                    Member third = new Member(fleet)) {
                third.awaitPartitions();
                double handedOver = first.handedOver() + second.handedOver();
                first.stop();
                try (TopicReader results = fleet.read("results")) {
                    results.until("all answered", seen -> seen.size() >= REQUESTS);
                    assertThat(results.all()).hasSameSizeAs(names);
                }

                List<Call> calls = provider.ledger().calls();
                Duration unowned = owners.longestGap();
                System.out.printf(
                        "scaling: %d requests, %d calls of %d s, %.0f handed over to the third,"
                                + " a partition without an owner for %d ms at most%n",
                        REQUESTS, calls.size(), CALL.toSeconds(), handedOver, unowned.toMillis());
                assertThat(calls)
                        .hasSize(REQUESTS)
                        .allMatch(each -> each.disposition() == Call.Disposition.ANSWERED);
                assertThat(unowned).isLessThan(UNOWNED);
                Await.until("nothing is held", () -> second.held() + third.held() == 0);
            }
        }
    }

    private static Fleet fleet(SimulatedProvider provider) {
        return Fleet.create()
                .provider("one", "cloud", provider.baseUrl(), "model")
                .with("gantry.worker.drain-timeout", CALL.multipliedBy(3).toString())
                .with("gantry.worker.lane-share", "1")
                .with("gantry.worker.max-in-flight", Integer.toString(REQUESTS));
    }

    /** A worker of this process; stopping it is a SIGTERM. */
    private static final class Member implements AutoCloseable {
        private final ConfigurableApplicationContext worker;
        private final ManagementPages pages;

        Member(Fleet fleet) {
            this.worker = Commands.startWorker(List.of(fleet.arguments()));
            this.pages = ManagementPages.of(worker, null);
        }

        void awaitPartitions() throws Exception {
            Await.until("it owns partitions", () -> pages.metric("gantry_partitions") > 0);
        }

        double handedOver() throws Exception {
            return pages.metric("gantry_handed_over");
        }

        double held() throws Exception {
            return pages.metric("gantry_held_elsewhere");
        }

        /** Returns once it has ended. */
        void stop() {
            worker.close();
        }

        @Override
        public void close() {
            stop();
        }
    }

    /** Looks again and again who owns which partition of the requests. */
    private static final class Owners implements AutoCloseable {
        private static final long STEP_NANOS = Duration.ofMillis(20).toNanos();

        private final Admin admin;
        private final String group;
        private final Map<TopicPartition, Long> seen = new HashMap<>();
        private final Thread thread;
        private volatile boolean over;
        private volatile long longest;

        Owners(Fleet fleet) {
            this.admin = Admin.create(Map.of("bootstrap.servers", fleet.bootstrapServers()));
            this.group = fleet.property("gantry.worker.group");
            this.thread = Thread.ofPlatform().name("owners").start(this::watch);
        }

        private void watch() {
            while (!over) {
                try {
                    look();
                } catch (ExecutionException e) {
                    System.out.println("owners: " + e.getCause()); // counts as no owner
                } catch (InterruptedException e) {
                    return;
                }
                LockSupport.parkNanos(STEP_NANOS);
            }
        }

        private void look() throws ExecutionException, InterruptedException {
            ConsumerGroupDescription described =
                    requireNonNull(
                            admin.describeConsumerGroups(List.of(group)).all().get().get(group));
            long now = System.nanoTime();
            for (MemberDescription each : described.members()) {
                for (TopicPartition owned : each.assignment().topicPartitions()) {
                    seen.put(owned, now);
                }
            }
            seen.values().forEach(last -> longest = Math.max(longest, now - last));
        }

        Duration longestGap() {
            return Duration.ofNanos(longest);
        }

        @Override
        public void close() {
            over = true;
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            admin.close();
        }
    }
}
