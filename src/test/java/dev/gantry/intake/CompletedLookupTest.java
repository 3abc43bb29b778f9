package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.handover.Handover;
import dev.gantry.intake.CompletedLookup.Finding;
import dev.gantry.intake.CompletedLookup.Question;
import dev.gantry.intake.broker.Inquiry;
import dev.gantry.intake.broker.LogFacts;
import dev.gantry.intake.position.HeldRecords;
import dev.gantry.outbox.CompletedOffsets;
import dev.gantry.testbed.Await;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What cannot be read is asked for again, and never taken for empty. */
class CompletedLookupTest {
    private static final TopicPartition FIRST = new TopicPartition("requests", 0);
    private static final TopicPartition SECOND = new TopicPartition("requests", 1);
    private static final LogFacts FACTS =
            new LogFacts(Uuid.randomUuid(), 0, 100, OptionalLong.of(0), new OffsetAndMetadata(10));

    private final HeldRecords held = new HeldRecords();
    private final AssignedPartition first = new AssignedPartition(FIRST, held, Handover.NONE);
    private final AssignedPartition second = new AssignedPartition(SECOND, held, Handover.NONE);
    private final Set<TopicPartition> unknown = ConcurrentHashMap.newKeySet();
    private volatile Runnable onceAsked = () -> {};
    private final AtomicInteger databaseFailures = new AtomicInteger();
    private final CompletedLookup lookup =
            new CompletedLookup(
                    this::facts,
                    new Memory(),
                    Handover.NONE,
                    new CompletedLookup.Pauses(Duration.ofMillis(1), Duration.ofMillis(5)));

    private Inquiry.Answer facts(Collection<TopicPartition> asked) {
        Map<TopicPartition, LogFacts> facts = new HashMap<>();
        Map<TopicPartition, String> trouble = new HashMap<>();
        for (TopicPartition each : asked) {
            if (unknown.contains(each)) {
                trouble.put(each, "no leader");
            } else {
                facts.put(each, FACTS);
            }
        }
        onceAsked.run();
        return new Inquiry.Answer(facts, trouble);
    }

    /** Fails as often as it is told to. */
    private final class Memory implements CompletedOffsets {
        @Override
        public Map<TopicPartition, Map<Long, Long>> above(Map<TopicPartition, Long> watermarks) {
            if (databaseFailures.getAndDecrement() > 0) {
                throw new IllegalStateException("database away");
            }
            assertThat(watermarks.values()).containsOnly(10L);
            return Map.of(FIRST, Map.of(11L, 110L));
        }

        @Override
        public void remember(Map<TopicPartition, Map<Long, Long>> done) {
            throw new AssertionError("nothing is written here");
        }

        @Override
        public void passed(Map<TopicPartition, Long> watermarks) {
            throw new AssertionError("nothing is committed here");
        }
    }

    @Test
    void whatIsKnownIsTold() throws Exception {
        lookup.ask(List.of(first), Question.WHERE_TO_BEGIN);

        assertThat(findings(1))
                .containsExactly(
                        new Finding(
                                first,
                                Question.WHERE_TO_BEGIN,
                                FACTS,
                                Map.of(11L, 110L),
                                List.of()));
    }

    @Test
    void aPartitionThatIsNotKnownHoldsUpNoOther() throws Exception {
        unknown.add(FIRST);
        lookup.ask(List.of(first, second), Question.WHERE_TO_BEGIN);

        assertThat(findings(1)).extracting(Finding::work).containsExactly(second);
        Await.until(
                "its reason is known",
                () -> String.valueOf(first.state(0).pending()).contains("no leader"));
        assertThat(first.pending()).isTrue();
        assertThat(first.due(4096)).isEmpty();

        unknown.clear();
        assertThat(findings(1)).extracting(Finding::work).containsExactly(first);
    }

    @Test
    void aDatabaseThatIsAwayIsWaitedFor() throws Exception {
        databaseFailures.set(Integer.MAX_VALUE);
        lookup.ask(List.of(first), Question.WHERE_TO_BEGIN);

        Await.until(
                "its reason is known",
                () -> String.valueOf(first.state(0).pending()).contains("database away"));
        assertThat(lookup.next()).isNull();

        databaseFailures.set(0);
        assertThat(findings(1).getFirst().finished()).isEqualTo(Map.of(11L, 110L));
    }

    @Test
    void aPartitionThatHasGoneIsNotAskedForAnyMore() throws Exception {
        unknown.add(FIRST);
        onceAsked =
                () -> {
                    first.close();
                    unknown.clear();
                };
        lookup.ask(List.of(first), Question.WHERE_TO_BEGIN);
        Await.until("asked", unknown::isEmpty);

        lookup.ask(List.of(second), Question.WHERE_TO_BEGIN);

        assertThat(findings(1)).extracting(Finding::work).containsExactly(second);
        assertThat(lookup.next()).isNull();
    }

    private List<Finding> findings(int count) throws Exception {
        List<Finding> findings = new ArrayList<>();
        Await.until(
                count + " findings",
                () -> {
                    Finding next = lookup.next();
                    if (next != null) {
                        findings.add(next);
                    }
                    return findings.size() >= count;
                });
        return findings;
    }
}
