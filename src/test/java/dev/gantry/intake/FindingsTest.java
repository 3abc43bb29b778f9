package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.intake.broker.Inquiry;
import dev.gantry.intake.broker.LogFacts;
import dev.gantry.intake.broker.TopicSight.Sighting;
import dev.gantry.intake.broker.TopicSight.Sightings;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.SkippedRequests;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.testbed.Await;

import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What was found out of a partition leads to its being read, at the first time or a later one. */
class FindingsTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);
    private static final Uuid TOPIC = Uuid.randomUuid();

    private final AssignedPartition work =
            new AssignedPartition(PARTITION, new HeldRecords(), Handover.NONE);

    @Test
    void aFindingThatCannotBeUsedIsSaidAndAskedForAgain() throws Exception {
        LogFacts facts = new LogFacts(TOPIC, 0, 100, OptionalLong.of(0), new OffsetAndMetadata(10));
        CompletedLookup lookup =
                new CompletedLookup(
                        _ -> new Inquiry.Answer(Map.of(PARTITION, facts), Map.of()),
                        CompletedOffsets.NONE,
                        Handover.NONE,
                        new CompletedLookup.Pauses(Duration.ofMillis(1), Duration.ofMillis(5)));
        ReadPositions positions =
                new ReadPositions(
                        Map.of(PARTITION, work), lookup, new SkippedRequests(), new LogResets());
        try (Unruly consumer = new Unruly()) {
            consumer.assign(List.of(PARTITION));
            positions.assigned(consumer, List.of(work));
            consumer.refuses = true;

            Await.until(
                    "its reason is known",
                    () -> {
                        positions.beforePoll(consumer, seen());
                        return String.valueOf(work.state(0).pending()).contains("no seek now");
                    });
            consumer.refuses = false;

            Await.until(
                    "it is read",
                    () -> {
                        positions.beforePoll(consumer, seen());
                        return !work.pending();
                    });
            assertThat(consumer.position(PARTITION)).isEqualTo(10);
        }
    }

    private static Sightings seen() {
        return new Sightings(Map.of(PARTITION.topic(), new Sighting.There(TOPIC, 0)), 0);
    }

    /** Seeks nowhere for a while. */
    private static final class Unruly extends MockConsumer<byte[], byte[]> {
        private boolean refuses;

        Unruly() {
            super("none");
        }

        @Override
        public synchronized void seek(TopicPartition partition, long offset) {
            if (refuses) {
                throw new ArithmeticException("no seek now");
            }
            super.seek(partition, offset);
        }
    }
}
