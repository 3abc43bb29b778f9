package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.broker.QuietBroker;
import dev.gantry.intake.membership.GroupMembership;
import dev.gantry.intake.membership.GroupProtocol;
import dev.gantry.intake.membership.PollFailures;
import dev.gantry.intake.membership.ProtocolChoice;
import dev.gantry.intake.membership.RenewableConsumer;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.request.RequestDecoderTest;
import dev.gantry.request.RequestTopics;
import dev.gantry.reread.FetchGuard;
import dev.gantry.testbed.Await;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A consumer that cannot be made, before the first one and between two. No broker is there. */
class RenewableConsumerTest {
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final String UNRESOLVED =
            "No resolvable bootstrap urls given in bootstrap.servers";

    private static volatile boolean resolves;

    private final QuietBroker broker = new QuietBroker();
    private final IntakeSettings settings = RequestDecoderTest.settings();
    private final GroupMembership membership = new GroupMembership();
    private final PollFailures trouble = new PollFailures();
    private final RenewableConsumer.Means means = means();

    /** Fails a consumer that is made as one whose broker has no name does. */
    public static final class Named implements Deserializer<byte[]> {
        @Override
        public void configure(Map<String, ?> configs, boolean isKey) {
            if (!resolves) {
                throw new ConfigException(UNRESOLVED);
            }
        }

        @Override
        public byte[] deserialize(String topic, byte[] data) {
            return data;
        }
    }

    @AfterEach
    void forget() {
        resolves = false;
    }

    @Test
    void whatCannotBeMadeYetIsMadeOnceItCan() throws Exception {
        membership.begins();
        try (Consumer<byte[], byte[]> consumer = RenewableConsumer.of(means, properties())) {
            consumer.subscribe(List.of("requests"));
            assertThat(membership.reason().orElseThrow()).contains(UNRESOLVED);

            assertThat(consumer.poll(SHORT)).isEmpty();
            assertThat(consumer.subscription()).isEmpty();

            resolves = true;
            awaitSubscribed(consumer);
        }
    }

    @Test
    void aBrokerWithoutANameIsAwayAndRefusesNobody() throws Exception {
        try (Consumer<byte[], byte[]> consumer = RenewableConsumer.of(means, properties())) {
            consumer.subscribe(List.of("requests"));
            long begun = System.nanoTime();
            String before = membership.reason().orElseThrow();
            membership.absent("nothing new yet");
            Await.until(
                    "tried again",
                    () -> {
                        consumer.poll(SHORT);
                        return membership.reason().orElseThrow().equals(before);
                    });
            Duration refused = membership.refusedFor();

            assertThat(refused).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
            assertThat(trouble.current().orElseThrow()).contains(UNRESOLVED);
        }
    }

    @Test
    void aWrongSettingIsNotWaitedFor() {
        resolves = true;
        Map<String, Object> wrong = new HashMap<>(properties());
        wrong.put("isolation.level", "read_everything");

        assertThatThrownBy(() -> RenewableConsumer.of(means, wrong))
                .isInstanceOf(KafkaException.class)
                .hasMessageContaining("isolation.level");
    }

    private static void awaitSubscribed(Consumer<byte[], byte[]> consumer) throws Exception {
        Await.until(
                "subscribed",
                () -> {
                    consumer.poll(SHORT);
                    return consumer.subscription().contains("requests");
                });
    }

    private static Map<String, Object> properties() {
        return Map.of(
                "bootstrap.servers",
                "127.0.0.1:1",
                "group.id",
                "g",
                "key.deserializer",
                Named.class,
                "value.deserializer",
                ByteArrayDeserializer.class);
    }

    private RenewableConsumer.Means means() {
        Dispatcher dispatcher = new Dispatcher(0, new NoWork());
        OffsetCommitter committer = TestAssignments.committer(broker, settings);
        SkippedRequests skipped = new SkippedRequests();
        Assignments assignments =
                TestAssignments.of(dispatcher, committer, broker, skipped, settings);
        FetchGuard.Bounds bounds =
                FetchGuard.Bounds.of(
                        settings.maxRequestSize().toBytes(), settings.maxInFlightBytes());
        RequestListener listener = new RequestListener(assignments, dispatcher);
        PollSteps steps =
                new PollSteps(
                        committer,
                        assignments,
                        broker,
                        new Backpressure(
                                RequestTopics.plain("requests"),
                                dispatcher,
                                assignments,
                                () -> 0,
                                settings,
                                10),
                        new Takeovers(assignments, listener, skipped, bounds));
        ProtocolChoice group = new ProtocolChoice(GroupProtocol.CONSUMER, true);
        return new RenewableConsumer.Means(
                group, () -> List.of("requests"), steps, membership, trouble, bounds);
    }

    /** Nothing comes without a broker. */
    private static final class NoWork implements Dispatcher.Work {
        @Override
        public void begin(InFlightRecord inFlight) {
            throw new AssertionError(inFlight + " began");
        }

        @Override
        public void resume(InFlightRecord inFlight, SuspendedRun run) {
            throw new AssertionError(inFlight + " waited");
        }
    }
}
