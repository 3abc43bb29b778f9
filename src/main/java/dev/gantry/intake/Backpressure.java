package dev.gantry.intake;

import dev.gantry.intake.position.HeldRecords;
import dev.gantry.request.RequestTopics;
import dev.gantry.request.TopicParts;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

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

    /** How long what the consumer was told last passes for what it has paused. */
    private static final Duration ASK_EVERY = Duration.ofSeconds(1);

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

    /** What the consumer was told to pause last, at which state of the assignment, and when. */
    private Set<TopicPartition> applied = Set.of();

    private long appliedMoves = -1;
    private long appliedNanos;

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
        if (!allShut) {
            // Some partitions are paused, others are not: their records wait no longer than this.
            LockSupport.parkNanos(SHORT_PAUSE.toNanos());
            return;
        }
        long end = System.nanoTime() + PAUSE.toNanos();
        dispatcher.awaitBacklogBelow((int) Math.ceil(RESUME_AT * maxWaiting), PAUSE);
        // Where it is not the line that is too long, nobody says when there is room again.
        while (stillShut()
                && end - System.nanoTime() > 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(SHORT_PAUSE.toNanos());
        }
    }

    /** Whether so many requests of some topic wait that their partitions are paused. */
    boolean parkedFull() {
        return !parkedFull.isEmpty();
    }

    private boolean stillShut() {
        look();
        return allShut;
    }

    /** Which topics are to be fetched no more. */
    private void look() {
        TopicParts parts = topics.parts(assignments.topics());
        shut = parts.which(topic -> shouldShut(topic, parts));
        parkedFull = parts.which(topic -> tooManyParked(topic, parts));
        allShut = shut.size() == parts.shares().size();
    }

    /**
     * Brings the consumer's paused partitions in line with what is wanted. Each question to the
     * consumer copies a set, so it is asked only when something has changed, and now and then in
     * case that something else has paused or resumed.
     *
     * @return whether none is paused now
     */
    private boolean bring(Consumer<?, ?> consumer) {
        look();
        long now = System.nanoTime();
        if (assignments.moves() == appliedMoves
                && now - appliedNanos < ASK_EVERY.toNanos()
                && isAsApplied()) {
            return applied.isEmpty();
        }
        appliedNanos = now - ASK_EVERY.toNanos(); // until it has been done
        long moves = assignments.moves();
        Set<TopicPartition> wanted = wanted(consumer.assignment());
        Set<TopicPartition> paused = consumer.paused();
        if (!wanted.equals(paused)) {
            Set<TopicPartition> resumed = new HashSet<>(paused);
            resumed.removeAll(wanted);
            consumer.pause(wanted);
            consumer.resume(resumed);
        }
        applied = Set.copyOf(wanted);
        appliedMoves = moves;
        appliedNanos = now;
        return wanted.isEmpty();
    }

    private boolean isAsApplied() {
        int count = 0;
        for (AssignedPartition work : assignments.works().values()) {
            boolean wanted = everything() || wanted(work.partition(), work);
            if (wanted != applied.contains(work.partition())) {
                return false;
            }
            count += wanted ? 1 : 0;
        }
        return count == applied.size();
    }

    private boolean tooManyParked(String topic, TopicParts parts) {
        Dispatcher.Standing now = dispatcher.standing(topic);
        boolean was = parkedFull.contains(topic);
        return now.allParked() > 0
                && parts.full(topic, now.parked(), now.allParked(), maxParked, was);
    }

    private boolean everything() {
        return allShut || draining || withdrawn;
    }

    private Set<TopicPartition> wanted(Set<TopicPartition> assigned) {
        if (everything()) {
            return assigned;
        }
        Set<TopicPartition> wanted = new HashSet<>();
        for (TopicPartition partition : assigned) {
            if (wanted(partition, assignments.of(partition))) {
                wanted.add(partition);
            }
        }
        return wanted;
    }

    private boolean wanted(TopicPartition partition, @Nullable AssignedPartition work) {
        boolean waits =
                work != null && parkedFull.contains(partition.topic()) && work.open().parked() > 0;
        boolean held = work != null && (work.pending() || work.mapTruncated());
        return waits || held || shut.contains(partition.topic()) || apart.test(partition);
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
