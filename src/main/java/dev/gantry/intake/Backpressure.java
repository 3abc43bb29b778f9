package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Back-pressure: pauses partitions while the worker holds enough; the poll loop goes on, so a full
 * worker stays a member of its group. Used on the consumer thread only.
 */
public final class Backpressure {
    /** Resumed below this share of a bound, so that it does not flutter at it. */
    private static final double RESUME_AT = 0.75;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration SHORT_PAUSE = Duration.ofMillis(2);

    private final Dispatcher dispatcher;
    private final Assignments assignments;
    private final LongSupplier otherBytes;
    private final int maxOpen;
    private final int maxParked;
    private final int maxWaiting;
    private final long maxBytes;

    /** Partitions that are read otherwise. */
    private volatile Predicate<TopicPartition> apart = _ -> false;

    private volatile boolean shut;
    private volatile boolean parkedFull;
    private volatile boolean draining;
    private volatile boolean withdrawn;

    public Backpressure(
            Dispatcher dispatcher,
            Assignments assignments,
            LongSupplier otherBytes,
            IntakeSettings settings,
            int maxPollRecords) {
        this.dispatcher = dispatcher;
        this.assignments = assignments;
        this.otherBytes = otherBytes;
        this.maxParked = settings.maxParked();
        this.maxOpen = 2 * settings.maxInFlight() + maxPollRecords;
        // Enough in line that slots stay filled from one poll to the next.
        this.maxWaiting = maxPollRecords;
        this.maxBytes = settings.maxInFlightBytes();
    }

    /** These are not to be fetched. */
    void leaveAlone(Predicate<TopicPartition> partitions) {
        apart = partitions;
    }

    /** Fetches nothing any more. */
    void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }

    /** Fetches nothing until told otherwise. */
    void withdraw(boolean wanted) {
        withdrawn = wanted;
    }

    boolean withdrawn() {
        return withdrawn;
    }

    /** Whether the worker holds as much as it may. */
    boolean shut() {
        return shut;
    }

    /**
     * Pauses or resumes. While a partition is paused this waits a moment for room: a poll of the
     * KIP-848 client (4.2.1) does not wait while it holds fetched records of a paused partition, it
     * spins.
     *
     * @return whether the poll may wait for records
     */
    boolean apply(Consumer<?, ?> consumer) {
        if (bring(consumer)) {
            return true;
        }
        awaitRoom();
        return bring(consumer);
    }

    private void awaitRoom() {
        if (shut) {
            dispatcher.awaitBacklogBelow((int) Math.ceil(RESUME_AT * maxWaiting), PAUSE);
        } else {
            // Some partitions are paused, others are not: their records wait no longer than this.
            LockSupport.parkNanos(SHORT_PAUSE.toNanos());
        }
    }

    /** Whether so many requests wait that their partitions are paused. */
    boolean parkedFull() {
        return parkedFull;
    }

    /**
     * Brings the consumer's paused partitions in line with what is wanted. Each question to the
     * consumer copies a set, at every poll.
     *
     * @return whether none is paused now
     */
    private boolean bring(Consumer<?, ?> consumer) {
        shut = shouldShut();
        parkedFull = tooManyParked();
        Set<TopicPartition> wanted = wanted(consumer.assignment());
        Set<TopicPartition> paused = consumer.paused();
        if (!wanted.equals(paused)) {
            Set<TopicPartition> resumed = new HashSet<>(paused);
            resumed.removeAll(wanted);
            consumer.pause(wanted);
            consumer.resume(resumed);
        }
        return wanted.isEmpty();
    }

    private boolean tooManyParked() {
        return dispatcher.parked() >= (parkedFull ? RESUME_AT : 1.0) * maxParked
                && dispatcher.parked() > 0;
    }

    private Set<TopicPartition> wanted(Set<TopicPartition> assigned) {
        if (shut || draining || withdrawn) {
            return assigned;
        }
        Set<TopicPartition> wanted = new HashSet<>();
        for (TopicPartition partition : assigned) {
            AssignedPartition work = assignments.of(partition);
            boolean waits = work != null && parkedFull && work.open().parked() > 0;
            boolean held = work != null && (work.pending() || work.mapTruncated());
            if (waits || held || apart.test(partition)) {
                wanted.add(partition);
            }
        }
        return wanted;
    }

    private boolean shouldShut() {
        double share = shut ? RESUME_AT : 1.0;
        return dispatcher.waiting() >= share * maxWaiting
                // Answers count too: while nobody takes them, no more requests are fetched.
                || (double) assignments.held().bytes() + otherBytes.getAsLong() >= share * maxBytes
                || assignments.held().records() - dispatcher.parked() >= share * maxOpen;
    }
}
