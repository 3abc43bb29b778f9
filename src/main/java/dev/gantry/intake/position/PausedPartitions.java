package dev.gantry.intake.position;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the consumer was told to pause. To ask it copies its partitions, so at most polls it is not:
 * only where something has changed, and now and then in case that somebody else has paused or
 * resumed. Used on the consumer thread only.
 */
public final class PausedPartitions {
    private static final Duration ASK_EVERY = Duration.ofSeconds(1);

    private Set<TopicPartition> told = Set.of();

    /** Whether it may be otherwise by now. */
    private boolean stale = true;

    private long toldNanos;

    /** Partitions have come or gone, and a new one's state is not known. */
    public void forget() {
        stale = true;
    }

    /**
     * Brings them in line with what is wanted.
     *
     * @param owned what is assigned, as far as the rebalance listener was told
     * @return whether none is paused now
     */
    public boolean bring(
            Consumer<?, ?> consumer, Set<TopicPartition> owned, Predicate<TopicPartition> wanted) {
        long now = System.nanoTime();
        if (!stale && now - toldNanos < ASK_EVERY.toNanos() && isAsTold(owned, wanted)) {
            return told.isEmpty();
        }
        stale = true;
        Set<TopicPartition> pause = new HashSet<>(consumer.assignment());
        pause.removeIf(wanted.negate());
        Set<TopicPartition> paused = consumer.paused();
        if (!pause.equals(paused)) {
            Set<TopicPartition> resumed = new HashSet<>(paused);
            resumed.removeAll(pause);
            consumer.pause(pause);
            consumer.resume(resumed);
        }
        told = pause;
        toldNanos = now;
        stale = false;
        return told.isEmpty();
    }

    private boolean isAsTold(Set<TopicPartition> owned, Predicate<TopicPartition> wanted) {
        int count = 0;
        for (TopicPartition each : owned) {
            boolean pause = wanted.test(each);
            if (pause != told.contains(each)) {
                return false;
            }
            count += pause ? 1 : 0;
        }
        return count == told.size();
    }
}
