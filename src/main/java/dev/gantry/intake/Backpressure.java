package dev.gantry.intake;

import dev.gantry.intake.position.HeldRecords;
import dev.gantry.intake.position.PausedPartitions;
import dev.gantry.request.RequestTopics;
import dev.gantry.request.TopicParts;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Back-pressure: pauses partitions while the worker holds enough; the poll loop goes on, so a full
 * worker stays a member of its group. Used on the consumer thread only.
 */
public final class Backpressure {
    /** Resumed below this share of a bound, so that it does not flutter at it. */
    private static final double RESUME_AT = 0.75;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration SHORT_PAUSE = Duration.ofMillis(2);

    private final RequestTopics topics;
    private final Dispatcher dispatcher;
    private final Assignments assignments;
    private final LongSupplier otherBytes;
    private final int maxOpen;
    private final int maxParked;
    private final int maxWaiting;
    private final long maxBytes;

    /** Partitions that are read otherwise. */
    private volatile Predicate<TopicPartition> apart = _ -> false;

    /** Topics of which the worker holds as much as it may. */
    private volatile Set<String> shut = Set.of();

    /** Topics of which so many requests wait that the partitions of these are paused. */
    private volatile Set<String> parkedFull = Set.of();

    private final PausedPartitions paused = new PausedPartitions();

    /** As they were at the last look, and the topics that they are of. */
    private Map<TopicPartition, AssignedPartition> owned = Map.of();

    private Set<String> read = Set.of();

    private volatile boolean allShut;
    private volatile boolean draining;
    private volatile boolean withdrawn;

    public Backpressure(
            RequestTopics topics,
            Dispatcher dispatcher,
            Assignments assignments,
            LongSupplier otherBytes,
            IntakeSettings settings,
            int maxPollRecords) {
        this.topics = topics;
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

    /** Whether the worker holds as much as it may, of every topic. */
    boolean shut() {
        return allShut;
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
        if (!full()) {
            // Some partitions are paused, others are not: their records wait no longer than this.
            LockSupport.parkNanos(SHORT_PAUSE.toNanos());
            return;
        }
        long end = System.nanoTime() + PAUSE.toNanos();
        dispatcher.awaitBacklogBelow((int) Math.ceil(RESUME_AT * maxWaiting), PAUSE);
        // Where it is not the line that is too long, nobody says when there is room again.
        while (stillFull()
                && end - System.nanoTime() > 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(SHORT_PAUSE.toNanos());
        }
    }

    /** Whether a poll can bring nothing until what is held has become less. */
    private boolean full() {
        return allShut || (parkedFull() && owned.keySet().stream().allMatch(this::waits));
    }

    /** Whether so many requests of some topic wait that their partitions are paused. */
    boolean parkedFull() {
        return !parkedFull.isEmpty();
    }

    private boolean stillFull() {
        look();
        return full();
    }

    /** Which topics are to be fetched no more. */
    private void look() {
        if (!assignments.works().equals(owned)) {
            owned = Map.copyOf(assignments.works());
            read = owned.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
            paused.forget();
        }
        TopicParts parts = topics.parts(read);
        shut = parts.which(topic -> shouldShut(topic, parts));
        parkedFull = parts.which(topic -> tooManyParked(topic, parts));
        allShut = shut.size() == parts.shares().size();
    }

    /** Whether none is paused now. */
    private boolean bring(Consumer<?, ?> consumer) {
        look();
        boolean all = allShut || draining || withdrawn;
        return paused.bring(consumer, owned.keySet(), each -> all || wanted(each));
    }

    private boolean tooManyParked(String topic, TopicParts parts) {
        Dispatcher.Standing now = dispatcher.standing(topic);
        boolean was = parkedFull.contains(topic);
        return now.allParked() > 0
                && parts.full(topic, now.parked(), now.allParked(), maxParked, was);
    }

    /** Whether this one is to be paused. */
    private boolean wanted(TopicPartition partition) {
        AssignedPartition work = assignments.of(partition);
        boolean held = work != null && (work.pending() || work.mapTruncated());
        return waits(partition)
                || held
                || shut.contains(partition.topic())
                || apart.test(partition);
    }

    /** Whether its topic has enough that waits, and some of it is of this one. */
    private boolean waits(TopicPartition partition) {
        AssignedPartition work = assignments.of(partition);
        return work != null && parkedFull.contains(partition.topic()) && work.open().parked() > 0;
    }

    private boolean shouldShut(String topic, TopicParts parts) {
        boolean was = shut.contains(topic);
        HeldRecords mine = assignments.held(topic);
        HeldRecords all = assignments.held();
        Dispatcher.Standing now = dispatcher.standing(topic);
        // Answers count too: while nobody takes them, no more requests are fetched.
        double bytes = (double) all.bytes() + otherBytes.getAsLong();
        int open = all.records() - now.allParked();
        int mineOpen = mine.records() - now.parked();
        return now.waiting() >= (was ? RESUME_AT : 1.0) * maxWaiting
                || parts.full(topic, mine.bytes(), bytes, (double) maxBytes, was)
                || parts.full(topic, mineOpen, open, maxOpen, was);
    }
}
