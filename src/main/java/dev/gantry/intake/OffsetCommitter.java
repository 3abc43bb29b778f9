package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.intake.broker.TopicSight;
import dev.gantry.intake.broker.TopicSight.Sighting;
import dev.gantry.intake.broker.TopicSight.Sightings;
import dev.gantry.intake.offset.OffsetMapText;
import dev.gantry.outbox.CompletedOffsets;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Commits watermarks. Used on the consumer thread only, because only there is it certain which
 * partitions are ours: the broker accepts a live member's commit for a partition that it no longer
 * owns.
 */
public final class OffsetCommitter {
    private static final Logger log = LoggerFactory.getLogger(OffsetCommitter.class);

    /** A commit is a few milliseconds' work; a broker that takes longer is away. */
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);

    private static final int MAX_ATTEMPTS = 3;

    /** With less than this there is no room for a map. */
    private static final int LEAST_CHARS = 64;

    /** How long a commit waits to hear that its topic still stands. */
    private static final long LOOK_NANOS = Duration.ofSeconds(2).toNanos();

    private final CompletedOffsets completed;
    private final Handover handover;
    private final CompletedSaver saver;
    private final TopicSight topics;
    private final long intervalNanos;
    private long lastNanos;

    /** When the topic was asked for, for the next commit. */
    private @Nullable Long askedNanos;

    /** Of metadata; lowered until the broker takes it. */
    private volatile int maxChars = OffsetMapText.MAX_CHARS;

    /** Set by the thread that stops the worker. */
    private volatile boolean hurry;

    /** Whether it has been said that commits fail. */
    private boolean troubled;

    public OffsetCommitter(
            CompletedOffsets completed,
            Handover handover,
            TopicSight topics,
            Duration interval,
            long nowNanos) {
        this.completed = completed;
        this.handover = handover;
        this.saver = new CompletedSaver(completed);
        this.topics = topics;
        this.intervalNanos = interval.toNanos();
        this.lastNanos = nowNanos;
    }

    /** From now on commits before each poll that finds something due. */
    void hurry() {
        hurry = true;
    }

    /** Whether the broker and the table have all there is to say of it. */
    boolean hasAllOf(AssignedPartition work) {
        return work.due(maxChars).isEmpty() && work.unsaved(maxChars).isEmpty();
    }

    /**
     * Commits without waiting if the interval has passed, and once the topic has been seen since:
     * one that was made anew must not get the old one's offsets.
     */
    void commitIfDue(
            Consumer<?, ?> consumer, Map<TopicPartition, AssignedPartition> works, long nowNanos) {
        if (!hurry && nowNanos - lastNanos < intervalNanos) {
            return;
        }
        Set<TopicPartition> owned = consumer.assignment();
        works.values().forEach(work -> closeGaps(consumer, owned, work));
        saver.save(works.values(), maxChars);
        Map<TopicPartition, OffsetAndMetadata> due = due(owned, works.values());
        if (due.isEmpty()) {
            lastNanos = nowNanos;
            return;
        }
        if (seen(nowNanos)) {
            lastNanos = nowNanos;
            send(consumer, works, topics.last(), due);
        }
    }

    private boolean seen(long nowNanos) {
        if (askedNanos == null) {
            askedNanos = nowNanos;
            topics.request();
            return false;
        }
        boolean answered = topics.last().askedNanos() - askedNanos >= 0;
        if (answered || nowNanos - askedNanos > LOOK_NANOS) {
            askedNanos = null;
            return true;
        }
        return false;
    }

    private void send(
            Consumer<?, ?> consumer,
            Map<TopicPartition, AssignedPartition> works,
            Sightings seen,
            Map<TopicPartition, OffsetAndMetadata> due) {
        due.keySet().removeIf(each -> strange(works.get(each), seen.of(each.topic())));
        if (due.isEmpty()) {
            return;
        }
        consumer.commitAsync(
                due,
                (_, failure) -> {
                    if (failure == null) {
                        troubled = false;
                        remember(works, due);
                    } else if (!narrower(failure) && !troubled) {
                        troubled = true;
                        log.atLevel(passes(failure) ? Level.INFO : Level.WARN)
                                .addKeyValue("reason", failure.toString())
                                .log("commit failed; the next one carries the same");
                    }
                });
    }

    /** A broker that is away is said by itself, and partitions move in every healthy fleet. */
    private static boolean passes(Exception failure) {
        return failure instanceof RetriableException
                || failure instanceof StaleMemberEpochException
                || failure instanceof RebalanceInProgressException;
    }

    /** Whether another log stands where this was done, or none. */
    private static boolean strange(@Nullable AssignedPartition work, Sighting seen) {
        return switch (seen) {
            case Sighting.There(Uuid id, _) -> work == null || work.lineage().strangerTo(id);
            case Sighting.Missing _ -> true;
            case Sighting.Unclear _ -> false;
        };
    }

    /** The broker takes less metadata than is usual; whether the next commit has to be tried. */
    private boolean narrower(Exception failure) {
        if (!(failure instanceof OffsetMetadataTooLarge) || maxChars == 0) {
            return false;
        }
        maxChars = maxChars < LEAST_CHARS ? 0 : maxChars / 2;
        log.atWarn()
                .addKeyValue("characters", maxChars)
                .log("the broker takes less commit metadata: offset.metadata.max.bytes");
        return true;
    }

    /** Commits and waits for the broker; false if it did not take it. */
    boolean commitNow(Consumer<?, ?> consumer, Map<TopicPartition, AssignedPartition> works) {
        saver.saveNow(works.values(), maxChars);
        Sightings seen = look();
        for (int attempt = 1; ; attempt++) {
            Map<TopicPartition, OffsetAndMetadata> due = due(consumer.assignment(), works.values());
            due.keySet().removeIf(each -> strange(works.get(each), seen.of(each.topic())));
            if (due.isEmpty()) {
                return true;
            }
            try {
                consumer.commitSync(due, COMMIT_TIMEOUT);
                remember(works, due);
                return true;
            } catch (WakeupException | RetriableException e) {
                // Stopping the container wakes the consumer, and the wake-up may land here.
                boolean away = e instanceof RetriableException && unclear(seen, due);
                if (away || attempt >= MAX_ATTEMPTS) {
                    return notTaken(due, e);
                }
            } catch (KafkaException e) {
                if (!narrower(e)) {
                    return notTaken(due, e);
                }
                saver.saveNow(works.values(), maxChars);
            }
        }
    }

    private static boolean unclear(Sightings seen, Map<TopicPartition, OffsetAndMetadata> due) {
        return due.keySet().stream()
                .allMatch(each -> seen.of(each.topic()) instanceof Sighting.Unclear);
    }

    /** Partitions go, and the broker has not taken their last commit: the table tells instead. */
    void saveUncommitted(Map<TopicPartition, AssignedPartition> works) {
        saver.saveUncommitted(works.values());
    }

    private Sightings look() {
        try {
            return topics.look();
        } catch (InterruptedException _) {
            // The container is being torn down: what was seen last has to do.
            Thread.currentThread().interrupt();
            return topics.last();
        }
    }

    private static boolean notTaken(
            Map<TopicPartition, OffsetAndMetadata> due, KafkaException reason) {
        log.atWarn()
                .addKeyValue("partitions", due.keySet())
                .addKeyValue("reason", reason.toString())
                .log("commit failed; what was done since the last one may be repeated");
        return false;
    }

    /**
     * A partition with nothing open may end in offsets that hold no record (transaction markers,
     * compaction).
     */
    private static void closeGaps(
            Consumer<?, ?> consumer, Set<TopicPartition> owned, AssignedPartition work) {
        if (work.pending() || work.openCount() > 0 || !owned.contains(work.partition())) {
            return;
        }
        try {
            work.delivered(consumer.position(work.partition(), Duration.ZERO));
        } catch (KafkaException | IllegalStateException e) {
            // The KIP-848 client may take a partition away between two calls.
            log.atDebug().addKeyValue("reason", e.toString()).log("position not known yet");
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> due(
            Set<TopicPartition> owned, Collection<AssignedPartition> works) {
        Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
        for (AssignedPartition work : works) {
            if (owned.contains(work.partition())) {
                work.due(maxChars).ifPresent(offset -> due.put(work.partition(), offset));
            }
        }
        return due;
    }

    private void remember(
            Map<TopicPartition, AssignedPartition> works,
            Map<TopicPartition, OffsetAndMetadata> taken) {
        taken.forEach(
                (partition, offset) -> {
                    AssignedPartition work = works.get(partition);
                    if (work != null) {
                        work.committed(offset);
                    }
                });
        Map<TopicPartition, Long> watermarks = new HashMap<>();
        taken.forEach((partition, offset) -> watermarks.put(partition, offset.offset()));
        completed.passed(watermarks);
        handover.passed(watermarks);
    }
}
