package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The partitions this worker owns, as they come and go. Called on the consumer thread. */
public final class Assignments implements ConsumerAwareRebalanceListener {
    private static final Logger log = LoggerFactory.getLogger(Assignments.class);

    private final Map<TopicPartition, AssignedPartition> works = new ConcurrentHashMap<>();
    private final HeldRecords held = new HeldRecords();
    private final Dispatcher dispatcher;
    private final OffsetCommitter committer;
    private final ReadPositions positions;
    private final IntakeSettings settings;

    public Assignments(
            Dispatcher dispatcher,
            OffsetCommitter committer,
            CompletedLookup lookup,
            SkippedRequests skipped,
            LogResets logResets,
            IntakeSettings settings) {
        this.dispatcher = dispatcher;
        this.committer = committer;
        this.positions = new ReadPositions(works, lookup, skipped, logResets);
        this.settings = settings;
    }

    ReadPositions positions() {
        return positions;
    }

    /** Live view; other threads read it for health pages. */
    Map<TopicPartition, AssignedPartition> works() {
        return works;
    }

    @Nullable AssignedPartition of(TopicPartition partition) {
        return works.get(partition);
    }

    /** Whether the broker has every watermark and map as it is now. */
    boolean allCommitted() {
        return works.values().stream().allMatch(committer::hasAllOf);
    }

    HeldRecords held() {
        return held;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        if (partitions.isEmpty()) {
            return;
        }
        Map<TopicPartition, AssignedPartition> opened = new HashMap<>();
        for (TopicPartition partition : partitions) {
            opened.put(partition, new AssignedPartition(partition, held));
        }
        works.putAll(opened);
        positions.assigned(consumer, opened.values());
        log.atInfo().addKeyValue("partitions", partitions).log("partitions assigned");
    }

    /**
     * Dispatches no more for them, lets calls finish for revoke-grace, commits, and gives up the
     * rest.
     */
    @Override
    public void onPartitionsRevokedBeforeCommit(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, AssignedPartition> leaving = new HashMap<>(works);
        leaving.keySet().retainAll(new HashSet<>(partitions));
        if (leaving.isEmpty()) {
            return;
        }
        leaving.values().forEach(this::withdrawWaiting);
        boolean quiet = awaitQuiet(consumer, leaving.values());
        committer.commitNow(consumer, leaving);
        int givenUp = giveUp(leaving);
        log.atInfo()
                .addKeyValue("partitions", partitions)
                .addKeyValue("quiet", quiet)
                .addKeyValue("redelivered", givenUp)
                .log("partitions revoked");
    }

    /** Somebody else owns them already: nothing may be committed. */
    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, AssignedPartition> lost = new HashMap<>(works);
        lost.keySet().retainAll(new HashSet<>(partitions));
        if (lost.isEmpty()) {
            return; // given up in good order before; a client that closes may say so all the same
        }
        lost.values().forEach(this::withdrawWaiting);
        int givenUp = giveUp(lost);
        log.atWarn()
                .addKeyValue("partitions", partitions)
                .addKeyValue("redelivered", givenUp)
                .log("partitions lost");
    }

    /** The consumer is gone: what nobody has told us to give up is not ours, either. */
    void loseAll() {
        Map<TopicPartition, AssignedPartition> left = new HashMap<>(works);
        left.values().forEach(this::withdrawWaiting);
        giveUp(left);
    }

    /** What waits for a lane is nobody's work: it goes on where the partition goes. */
    private void withdrawWaiting(AssignedPartition work) {
        work.leave().forEach(dispatcher::withdraw);
    }

    /**
     * Commits what the others finish meanwhile, so that a long grace does not widen what a crash
     * would repeat.
     */
    private boolean awaitQuiet(Consumer<?, ?> consumer, Collection<AssignedPartition> leaving) {
        long deadline = System.nanoTime() + settings.revokeGrace().toNanos();
        boolean quiet = false;
        while (!quiet && System.nanoTime() < deadline) {
            long left = deadline - System.nanoTime();
            long slice = Math.min(left, settings.commitInterval().toNanos());
            quiet = allQuiet(leaving, Duration.ofNanos(slice));
            if (!quiet) {
                committer.commitNow(consumer, works);
            }
        }
        return quiet;
    }

    private static boolean allQuiet(Collection<AssignedPartition> leaving, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            for (AssignedPartition work : leaving) {
                long left = Math.max(0, deadline - System.nanoTime());
                if (!work.awaitQuiet(Duration.ofNanos(left))) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException _) {
            // The container is being torn down: what is unfinished is delivered again.
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Gives up every call under way; the partitions stay ours until the group is left. */
    void cancelAll() {
        works.values().forEach(AssignedPartition::cancelOpen);
    }

    private int giveUp(Map<TopicPartition, AssignedPartition> leaving) {
        List<InFlightRecord> open = new ArrayList<>();
        leaving.forEach(
                (partition, work) -> {
                    works.remove(partition, work);
                    open.addAll(work.close());
                });
        open.forEach(dispatcher::withdraw);
        open.forEach(inFlight -> inFlight.handle().cancellation().cancel());
        return open.size();
    }
}
