package dev.gantry.intake;

import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells new assignments what is finished beside the offsets, once each.
 *
 * <p>The consumer thread waits for it two seconds at most. Without an answer work begins: a result
 * may then be made twice, with the same id, but none is lost and nothing stands still. The question
 * is asked again meanwhile, and a late answer counts for what has not been delivered by then.
 */
final class Recollection {
    private static final Logger log = LoggerFactory.getLogger(Recollection.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Finished finished;

    Recollection(Finished finished) {
        this.finished = finished;
    }

    /** Returns once the assignments know, or when the patience has run out. */
    void tell(Collection<PartitionWork> works) {
        Map<TopicPartition, Long> watermarks = new HashMap<>();
        works.forEach(work -> watermarks.put(work.partition(), work.watermark()));
        finished.passed(watermarks);
        CountDownLatch told = new CountDownLatch(1);
        Thread.ofVirtual().name("recollection").start(() -> ask(works, watermarks, told));
        try {
            if (!told.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                log.atWarn()
                        .addKeyValue("partitions", watermarks.keySet())
                        .log("finished requests not known in time; some may be worked on again");
            }
        } catch (InterruptedException _) {
            // The container is being torn down: nothing will begin.
            Thread.currentThread().interrupt();
        }
    }

    /** The broker has taken these commits. */
    void passed(Map<TopicPartition, Long> watermarks) {
        finished.passed(watermarks);
    }

    private void ask(
            Collection<PartitionWork> works,
            Map<TopicPartition, Long> watermarks,
            CountDownLatch told) {
        Duration pause = FIRST_PAUSE;
        boolean said = false;
        try {
            while (works.stream().anyMatch(PartitionWork::ours)) {
                if (answered(works, watermarks, said)) {
                    told.countDown();
                    return;
                }
                said = true;
                Thread.sleep(pause);
                Duration twice = pause.multipliedBy(2);
                pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The loop's top: whatever happens, the question is asked again. */
    private boolean answered(
            Collection<PartitionWork> works, Map<TopicPartition, Long> watermarks, boolean said) {
        try {
            hand(works, finished.above(watermarks));
            return true;
        } catch (Throwable e) {
            if (!said) {
                log.atWarn()
                        .addKeyValue("partitions", watermarks.keySet())
                        .addKeyValue("reason", e.toString())
                        .log("finished requests are not known yet");
            }
            return false;
        }
    }

    private static void hand(
            Collection<PartitionWork> works, Map<TopicPartition, Map<Long, Long>> done) {
        int count = 0;
        for (PartitionWork work : works) {
            Map<Long, Long> stamps = done.getOrDefault(work.partition(), Map.of());
            work.finished(stamps);
            count += stamps.size();
        }
        if (count > 0) {
            log.atInfo().addKeyValue("requests", count).log("finished requests are skipped");
        }
    }
}
