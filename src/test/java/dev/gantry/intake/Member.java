package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.request.RequestTopics;
import dev.gantry.testbed.Settings;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** One worker's intake in a test's fleet, on the shared broker. */
final class Member {
    private static final int MAX_IN_FLIGHT = 200;

    private final Intake intake;

    private Member(Intake intake) {
        this.intake = intake;
    }

    static Member join(String topic, String group, RequestHandler handler, boolean kip848) {
        return join(topic, group, handler, kip848, Duration.ofSeconds(5), Map.of());
    }

    /** Of several topics. */
    static Member join(RequestTopics topics, String group, RequestHandler handler, boolean kip848) {
        IntakeSettings settings = settings(group, Duration.ofMillis(200), MAX_IN_FLIGHT);
        return join(topics, settings, handler, shared(CompletedOffsets.NONE), kip848, Map.of());
    }

    static Member join(
            String topic,
            String group,
            RequestHandler handler,
            boolean kip848,
            Duration revokeGrace,
            Map<String, Object> overrides) {
        IntakeSettings settings = settings(group, revokeGrace, MAX_IN_FLIGHT);
        return join(
                RequestTopics.plain(topic),
                settings,
                handler,
                shared(CompletedOffsets.NONE),
                kip848,
                overrides);
    }

    /** Hands over what it works on when a partition goes, and leaves to others what they do. */
    static Member joinWith(
            Handover handover, String topic, String group, RequestHandler handler, boolean kip848) {
        IntakeSettings settings = settings(group, Duration.ofMillis(200), MAX_IN_FLIGHT);
        Intake.Shared shared = new Intake.Shared(CompletedOffsets.NONE, handover);
        return join(RequestTopics.plain(topic), settings, handler, shared, kip848, Map.of());
    }

    private static Intake.Shared shared(CompletedOffsets completed) {
        return new Intake.Shared(completed, Handover.NONE);
    }

    /** Takes as many as it is told to, and what has no room in its commits it keeps elsewhere. */
    static Member joinWith(
            CompletedOffsets completed,
            int maxInFlight,
            String topic,
            String group,
            RequestHandler handler,
            Map<String, Object> overrides) {
        IntakeSettings settings = settings(group, Duration.ofMillis(200), maxInFlight);
        return join(
                RequestTopics.plain(topic), settings, handler, shared(completed), true, overrides);
    }

    private static Member join(
            RequestTopics topics,
            IntakeSettings settings,
            RequestHandler handler,
            Intake.Shared shared,
            boolean kip848,
            Map<String, Object> overrides) {
        Intake intake =
                new Intake(settings, topics, handler, () -> 0, shared, InstantSource.system());
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", SharedBroker.bootstrapServers());
        properties.put("key.deserializer", ByteArrayDeserializer.class);
        properties.put("value.deserializer", ByteArrayDeserializer.class);
        properties.put("auto.offset.reset", "earliest");
        if (!kip848) {
            properties.put("session.timeout.ms", 6_000);
            properties.put("heartbeat.interval.ms", 500);
        }
        properties.putAll(overrides);
        intake.start(properties, kip848, () -> {});
        return new Member(intake);
    }

    Intake intake() {
        return intake;
    }

    boolean owns(int partition) {
        return intake.partitions().stream().anyMatch(each -> each.partition() == partition);
    }

    /** As on SIGTERM. */
    void leave() throws InterruptedException {
        leave(Duration.ofMinutes(1));
    }

    /** The same, and what goes on is given up after so long. */
    void leave(Duration limit) throws InterruptedException {
        intake.drain(limit);
        intake.awaitCommitted(Duration.ofMinutes(1));
        intake.stop();
    }

    private static IntakeSettings settings(String group, Duration revokeGrace, int maxInFlight) {
        return Settings.shipped(
                IntakeSettings.class,
                "group=" + group,
                "max-in-flight=" + maxInFlight,
                "revoke-grace=" + revokeGrace,
                "commit-interval=100ms",
                "max-request-size=1MB");
    }
}
