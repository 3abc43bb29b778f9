package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
final class OffsetCommitter {
    private static final Logger log = LoggerFactory.getLogger(OffsetCommitter.class);

    /** A commit is a few milliseconds' work; a broker that takes longer is away. */
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);

    private static final int MAX_ATTEMPTS = 3;

    private final Recollection recollection;
    private final long intervalNanos;
    private long lastNanos;

    /** Set by the thread that stops the worker. */
    private volatile boolean hurry;

    OffsetCommitter(Recollection recollection, Duration interval, long nowNanos) {
        this.recollection = recollection;
        this.intervalNanos = interval.toNanos();
        this.lastNanos = nowNanos;
    }

    /** From now on commits before each poll that finds something due. */
    void hurry() {
        hurry = true;
    }

    /** Commits without waiting if the interval has passed. */
    void commitIfDue(
            Consumer<?, ?> consumer, Map<TopicPartition, PartitionWork> works, long nowNanos) {
        if (!hurry && nowNanos - lastNanos < intervalNanos) {
            return;
        }
        lastNanos = nowNanos;
        Set<TopicPartition> owned = consumer.assignment();
        works.values().forEach(work -> closeGaps(consumer, owned, work));
        Map<TopicPartition, OffsetAndMetadata> due = due(owned, works.values());
        if (due.isEmpty()) {
            return;
        }
        consumer.commitAsync(
                due,
                (_, failure) -> {
                    if (failure == null) {
                        remember(works, due);
                    } else {
                        log.atWarn()
                                .addKeyValue("reason", failure.toString())
                                .log("commit failed; the next one carries the same");
                    }
                });
    }

    /** Commits and waits for the broker; false if it did not take it. */
    boolean commitNow(Consumer<?, ?> consumer, Map<TopicPartition, PartitionWork> works) {
        Map<TopicPartition, OffsetAndMetadata> due = due(consumer.assignment(), works.values());
        if (due.isEmpty()) {
            return true;
        }
        for (int attempt = 1; ; attempt++) {
            try {
                consumer.commitSync(due, COMMIT_TIMEOUT);
                remember(works, due);
                return true;
            } catch (WakeupException | RetriableException e) {
                // Stopping the container wakes the consumer, and the wake-up may land here.
                if (attempt == MAX_ATTEMPTS) {
                    return notTaken(due, e);
                }
            } catch (KafkaException e) {
                return notTaken(due, e);
            }
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
            Consumer<?, ?> consumer, Set<TopicPartition> owned, PartitionWork work) {
        if (work.openCount() > 0 || !owned.contains(work.partition())) {
            return;
        }
        try {
            work.delivered(consumer.position(work.partition(), Duration.ZERO));
        } catch (KafkaException e) {
            log.atDebug().addKeyValue("reason", e.toString()).log("position not known yet");
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> due(
            Set<TopicPartition> owned, Collection<PartitionWork> works) {
        Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
        for (PartitionWork work : works) {
            if (owned.contains(work.partition())) {
                work.due().ifPresent(offset -> due.put(work.partition(), offset));
            }
        }
        return due;
    }

    private void remember(
            Map<TopicPartition, PartitionWork> works,
            Map<TopicPartition, OffsetAndMetadata> taken) {
        taken.forEach(
                (partition, offset) -> {
                    PartitionWork work = works.get(partition);
                    if (work != null) {
                        work.committed(offset);
                    }
                });
        Map<TopicPartition, Long> watermarks = new HashMap<>();
        taken.forEach((partition, offset) -> watermarks.put(partition, offset.offset()));
        recollection.passed(watermarks);
    }
}
