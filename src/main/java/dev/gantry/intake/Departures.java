package dev.gantry.intake;

import dev.gantry.handover.Handover;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SuspendedRun;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * How partitions go: what only waits goes with them, what has begun stays here if others can be
 * told, and is given a while to end if they cannot. Used on the consumer thread, apart from what
 * says otherwise.
 */
final class Departures {
    private static final Logger log = LoggerFactory.getLogger(Departures.class);

    /** Live, of the partitions owned. */
    private final Map<TopicPartition, AssignedPartition> works;

    private final Dispatcher dispatcher;
    private final OffsetCommitter committer;
    private final Handover handover;
    private final IntakeSettings settings;
    private final BooleanSupplier unfit;

    /** Partitions that are gone, with requests that go on here; any thread. */
    private final Set<AssignedPartition> departed = ConcurrentHashMap.newKeySet();

    /** Whether all partitions are to be given. */
    private volatile boolean asked;

    /** Whether others know of all that goes on here; stays so, as nothing begins any more. */
    private volatile boolean allGiven;

    /** That all was given and committed, or cannot be given. */
    private final CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();

    /**
     * What makes partitions go in good order.
     *
     * @param unfit whether this worker had better finish nothing
     */
    record Means(
            Dispatcher dispatcher,
            OffsetCommitter committer,
            Handover handover,
            IntakeSettings settings,
            BooleanSupplier unfit) {}

    Departures(Map<TopicPartition, AssignedPartition> works, Means means) {
        this.works = works;
        this.dispatcher = means.dispatcher();
        this.committer = means.committer();
        this.handover = means.handover();
        this.settings = means.settings();
        this.unfit = means.unfit();
    }

    /**
     * Nothing begins in them any more, and others are told of what has begun.
     *
     * @return whether they know, so that nothing need be waited for
     */
    boolean give(Collection<AssignedPartition> leaving) {
        List<InFlightRecord> open = new ArrayList<>();
        leaving.forEach(work -> open.addAll(work.open().leave()));
        boolean finishes = !unfit.getAsBoolean();
        if (finishes) {
            open.removeIf(Departures::begunAndWaiting);
        }
        open.forEach(dispatcher::withdraw);
        boolean told = (finishes ? handover : Handover.NONE).give(() -> begun(leaving));
        if (!told) {
            leaving.forEach(this::takeBack);
        }
        return told;
    }

    private static List<SourcePosition> begun(Collection<AssignedPartition> leaving) {
        return leaving.stream()
                .flatMap(work -> work.open().give().stream())
                .map(InFlightRecord::source)
                .toList();
    }

    private static boolean begunAndWaiting(InFlightRecord inFlight) {
        SuspendedRun run = inFlight.waiting().get();
        return run != null && run.begun();
    }

    private void takeBack(AssignedPartition work) {
        work.open().takeBack().forEach(inFlight -> handover.givenUp(inFlight.source()));
    }

    /** Gives them away; where nobody could be told of what has begun, that is given up. */
    void revoked(Consumer<?, ?> consumer, Map<TopicPartition, AssignedPartition> leaving) {
        boolean told = give(leaving.values());
        if (!told) {
            leaving.values().forEach(work -> work.open().all().forEach(dispatcher::withdraw));
        }
        boolean quiet = told || awaitQuiet(consumer, leaving.values());
        if (!committer.commitNow(consumer, leaving)) {
            committer.saveUncommitted(leaving);
        }
        int givenUp = close(leaving);
        log.atInfo()
                .addKeyValue("partitions", leaving.keySet())
                .addKeyValue("quiet", quiet)
                .addKeyValue("handed_over", told ? goingOn(leaving.values()) : 0)
                .addKeyValue("redelivered", givenUp)
                .log("partitions revoked");
    }

    /**
     * Somebody else owns them already, who knows nothing of what goes on here; unless the worker
     * leaves its group and has told: a classic member that leaves while its group is rebalanced
     * hears that it has lost them, too.
     */
    int lost(Map<TopicPartition, AssignedPartition> lost) {
        if (allGiven) {
            committer.saveUncommitted(lost);
        } else {
            lost.values().forEach(this::takeBack);
        }
        return close(lost);
    }

    /**
     * Has all partitions given before the worker leaves its group; waits for it. Not for the
     * consumer thread.
     *
     * @return whether others know of all that goes on here
     */
    boolean giveAll(Duration limit) throws InterruptedException {
        asked = true;
        try {
            answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            // A rebalance that takes no commits, or a consumer that is not there just now.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        asked = false;
        return allGiven;
    }

    /** Gives all, if that is wanted, and tries to commit what was done before. */
    void beforePoll(Consumer<?, ?> consumer) {
        if (!asked || answer.isDone()) {
            return;
        }
        allGiven = allGiven || give(works.values());
        if (!allGiven || committer.commitNow(consumer, works)) {
            answer.complete(null);
        }
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
                if (!work.open().awaitQuiet(Duration.ofNanos(left))) {
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

    private int close(Map<TopicPartition, AssignedPartition> leaving) {
        List<InFlightRecord> open = new ArrayList<>();
        leaving.forEach(
                (partition, work) -> {
                    works.remove(partition, work);
                    open.addAll(work.close());
                    departed.add(work);
                });
        departed.removeIf(work -> work.open().all().isEmpty());
        open.forEach(dispatcher::withdraw);
        open.forEach(inFlight -> inFlight.handle().cancellation().cancel());
        return open.size();
    }

    /** Gives up all that goes on, also for partitions that are gone. Any thread. */
    void cancelAll() {
        List<AssignedPartition> all = new ArrayList<>(works.values());
        all.addAll(departed);
        for (AssignedPartition work : all) {
            work.open().all().forEach(dispatcher::withdraw);
            work.cancelOpen();
        }
    }

    /** Requests that this worker finishes for partitions that are gone. Any thread. */
    int goingOn() {
        departed.removeIf(work -> work.open().all().isEmpty());
        return goingOn(departed);
    }

    private static int goingOn(Collection<AssignedPartition> works) {
        return works.stream().mapToInt(work -> work.open().all().size()).sum();
    }
}
