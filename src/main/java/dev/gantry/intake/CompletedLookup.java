package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.handover.HandoverRow;
import dev.gantry.intake.broker.Inquiry;
import dev.gantry.intake.broker.LogFacts;
import dev.gantry.memory.Exhaustion;
import dev.gantry.outbox.CompletedOffsets;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Finds out where partitions go on: from the broker, and from the table of finished positions.
 *
 * <p>Nobody waits for it on the consumer thread, which takes the findings as they come; and nothing
 * is taken for empty that could not be read: it is asked for until it is known or the partition has
 * gone.
 */
public final class CompletedLookup {
    private static final Logger log = LoggerFactory.getLogger(CompletedLookup.class);

    /** Between two questions. */
    public record Pauses(Duration first, Duration longest) {
        public static final Pauses USUAL =
                new Pauses(Duration.ofMillis(250), Duration.ofSeconds(10));
    }

    private final Inquiry inquiry;
    private final CompletedOffsets completed;
    private final Handover handover;
    private final Pauses pauses;
    private final Queue<Finding> findings = new ConcurrentLinkedQueue<>();

    /** Whether what was done before the assignment counts. */
    enum Question {
        /** At assignment. */
        WHERE_TO_BEGIN,
        /** While running: the broker has nothing at the position, or it is another log. */
        WHERE_TO_GO_ON
    }

    /**
     * What is known of one partition.
     *
     * @param finished timestamps by offset, of requests finished whatever the group's offsets say
     * @param handedOver requests that others finish, or have finished
     */
    record Finding(
            AssignedPartition work,
            Question question,
            LogFacts facts,
            Map<Long, Long> finished,
            List<HandoverRow> handedOver) {}

    public CompletedLookup(
            Inquiry inquiry, CompletedOffsets completed, Handover handover, Pauses pauses) {
        this.inquiry = inquiry;
        this.completed = completed;
        this.handover = handover;
        this.pauses = pauses;
    }

    void ask(Collection<AssignedPartition> works, Question question) {
        ask(works, question, Duration.ZERO);
    }

    /** The same, after the longest pause: nothing has come of it this time. */
    void askLater(AssignedPartition work, Question question) {
        ask(List.of(work), question, pauses.longest());
    }

    private void ask(Collection<AssignedPartition> works, Question question, Duration delay) {
        List<AssignedPartition> open = new ArrayList<>(works);
        Thread.ofVirtual().name("recall").start(() -> run(open, question, delay));
    }

    /** Null if there is none just now. */
    @Nullable Finding next() {
        return findings.poll();
    }

    private void run(List<AssignedPartition> open, Question question, Duration delay) {
        Duration pause = pauses.first();
        try {
            Thread.sleep(delay);
            while (true) {
                open.removeIf(work -> !work.ours());
                if (open.isEmpty()) {
                    return;
                }
                open.removeAll(pass(open, question));
                if (open.isEmpty()) {
                    return;
                }
                Thread.sleep(pause);
                Duration twice = pause.multipliedBy(2);
                pause = twice.compareTo(pauses.longest()) < 0 ? twice : pauses.longest();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The loop's top: whatever happens, what is not known is asked for again. */
    private List<AssignedPartition> pass(List<AssignedPartition> open, Question question)
            throws InterruptedException {
        try {
            return known(open, question);
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            Exhaustion.check(e);
            open.forEach(work -> trouble(work, e.toString()));
            return List.of();
        }
    }

    private List<AssignedPartition> known(List<AssignedPartition> open, Question question)
            throws InterruptedException {
        Inquiry.Answer answer =
                inquiry.ask(open.stream().map(AssignedPartition::partition).toList());
        List<AssignedPartition> known = new ArrayList<>();
        for (AssignedPartition work : open) {
            if (answer.facts().containsKey(work.partition())) {
                known.add(work);
            } else {
                String why = answer.trouble().getOrDefault(work.partition(), "no answer");
                trouble(work, "the broker does not say where it stands: " + why);
            }
        }
        return switch (question) {
            case WHERE_TO_GO_ON -> told(known, question, answer, Map.of(), Map.of());
            case WHERE_TO_BEGIN -> finished(known, question, answer);
        };
    }

    private List<AssignedPartition> finished(
            List<AssignedPartition> known, Question question, Inquiry.Answer answer) {
        Map<TopicPartition, Long> from = new HashMap<>();
        for (AssignedPartition work : known) {
            from.put(work.partition(), begin(answer.facts().get(work.partition())));
        }
        try {
            Map<TopicPartition, List<HandoverRow>> handedOver = handover.above(from);
            return told(known, question, answer, completed.above(from), handedOver);
        } catch (RuntimeException e) {
            known.forEach(
                    work ->
                            trouble(
                                    work,
                                    "the database does not say which requests are finished: " + e));
            return List.of();
        }
    }

    private static long begin(@Nullable LogFacts facts) {
        OffsetAndMetadata committed = facts == null ? null : facts.committed();
        return committed == null ? 0 : committed.offset();
    }

    private List<AssignedPartition> told(
            List<AssignedPartition> known,
            Question question,
            Inquiry.Answer answer,
            Map<TopicPartition, Map<Long, Long>> rows,
            Map<TopicPartition, List<HandoverRow>> handedOver) {
        for (AssignedPartition work : known) {
            LogFacts facts = answer.facts().get(work.partition());
            if (facts != null) {
                Map<Long, Long> done = rows.getOrDefault(work.partition(), Map.of());
                List<HandoverRow> others = handedOver.getOrDefault(work.partition(), List.of());
                findings.add(new Finding(work, question, facts, done, others));
            }
        }
        return known;
    }

    private static void trouble(AssignedPartition work, String why) {
        if (work.stillPending(why)) {
            log.atWarn()
                    .addKeyValue("partition", work.partition())
                    .addKeyValue("reason", why)
                    .log("not read yet; it is asked again");
        }
    }
}
