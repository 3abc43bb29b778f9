package dev.gantry.intake;

import dev.gantry.outbox.CompletedOffsets;

import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes what a commit's metadata has no room for into the table of finished positions, one write
 * at a time, beside the consumer thread.
 */
final class CompletedSaver {
    private static final Logger log = LoggerFactory.getLogger(CompletedSaver.class);

    /** For the last write before a partition goes: a database that takes longer is away. */
    private static final Duration LAST_WRITE = Duration.ofSeconds(2);

    private final CompletedOffsets completed;
    private final AtomicBoolean writing = new AtomicBoolean();

    /** Whether it has been said that the table takes nothing. */
    private volatile boolean troubled;

    CompletedSaver(CompletedOffsets completed) {
        this.completed = completed;
    }

    /** Begins to write what is not told elsewhere, unless a write is under way. */
    void save(Collection<AssignedPartition> works, int maxChars) {
        if (!writing.compareAndSet(false, true)) {
            return;
        }
        Map<AssignedPartition, Map<Long, Long>> rows = rows(works, maxChars);
        if (rows.isEmpty()) {
            writing.set(false);
            return;
        }
        Thread.ofVirtual()
                .name("saver")
                .start(
                        () -> {
                            try {
                                write(rows);
                            } finally {
                                writing.set(false);
                            }
                        });
    }

    /** Writes all of it, or as much as two seconds allow; also what is being written already. */
    void saveNow(Collection<AssignedPartition> works, int maxChars) {
        if (rows(works, maxChars).isEmpty()) {
            return;
        }
        inTime(
                () -> {
                    Map<AssignedPartition, Map<Long, Long>> rows = rows(works, maxChars);
                    while (!rows.isEmpty() && write(rows)) {
                        rows = rows(works, maxChars);
                    }
                });
    }

    /** Writes what a commit should have told that the broker did not take. */
    void saveUncommitted(Collection<AssignedPartition> works) {
        Map<AssignedPartition, Map<Long, Long>> rows = new HashMap<>();
        works.forEach(work -> rows.put(work, work.uncommitted()));
        rows.values().removeIf(Map::isEmpty);
        if (!rows.isEmpty()) {
            inTime(() -> write(rows));
        }
    }

    private static void inTime(Runnable writing) {
        CountDownLatch written = new CountDownLatch(1);
        Thread.ofVirtual()
                .name("saver")
                .start(
                        () -> {
                            writing.run();
                            written.countDown();
                        });
        try {
            if (!written.await(LAST_WRITE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.atWarn().log("finished positions not saved in time; some may be repeated");
            }
        } catch (InterruptedException _) {
            // The container is being torn down.
            Thread.currentThread().interrupt();
        }
    }

    private static Map<AssignedPartition, Map<Long, Long>> rows(
            Collection<AssignedPartition> works, int maxChars) {
        Map<AssignedPartition, Map<Long, Long>> rows = new HashMap<>();
        for (AssignedPartition work : works) {
            Map<Long, Long> own = work.unsaved(maxChars);
            if (!own.isEmpty() || work.saveFails()) {
                rows.put(work, own);
            }
        }
        return rows;
    }

    private boolean write(Map<AssignedPartition, Map<Long, Long>> rows) {
        Map<TopicPartition, Map<Long, Long>> done = new HashMap<>();
        rows.forEach((work, own) -> done.put(work.partition(), own));
        try {
            completed.remember(done);
            rows.forEach(AssignedPartition::saved);
            troubled = false;
            return true;
        } catch (RuntimeException e) {
            rows.keySet().forEach(AssignedPartition::saveFailed);
            if (!troubled) {
                troubled = true;
                log.atWarn()
                        .addKeyValue("reason", e.toString())
                        .log("finished positions not saved; it is tried again");
            }
            return false;
        }
    }
}
