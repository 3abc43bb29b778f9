package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;

/**
 * What is done on the consumer thread before each poll: commit what is due, open or shut the gate.
 */
final class PollHook {
    private static final Logger log = LoggerFactory.getLogger(PollHook.class);

    private final OffsetCommitter committer;
    private final Assignments assignments;
    private final TopicSight topic;
    private final PollGate gate;
    private final Takeovers takeovers;

    /** Read by the liveness check; the loop comes by at least every poll timeout. */
    private volatile long lastBeatNanos = System.nanoTime();

    private volatile boolean polled;

    PollHook(
            OffsetCommitter committer,
            Assignments assignments,
            TopicSight topic,
            PollGate gate,
            Takeovers takeovers) {
        this.topic = topic;
        this.takeovers = takeovers;
        this.committer = committer;
        this.assignments = assignments;
        this.gate = gate;
    }

    /** The consumer knows no position that it could read from. */
    void invalid(Consumer<byte[], byte[]> consumer, InvalidOffsetException found) {
        assignments.positions().invalid(consumer, found);
    }

    /** Returns how long the poll may wait. */
    Duration beforePoll(Consumer<byte[], byte[]> consumer, Duration timeout) {
        beat();
        if (!polled) {
            polled = true;
            log.atInfo().addKeyValue("uptimeMs", uptime()).log("first poll");
        }
        try {
            assignments.positions().beforePoll(consumer, topic.last());
            committer.commitIfDue(consumer, assignments.works(), System.nanoTime());
            if (!gate.draining() && !gate.shut()) {
                takeovers.proceed(consumer);
            }
            return gate.apply(consumer) ? timeout : Duration.ZERO;
        } catch (RuntimeException e) {
            // What was due is due again at the next poll; the loop must go on.
            log.atWarn().setCause(e).log("before a poll");
            return timeout;
        }
    }

    /** The poll has kept these from the client. */
    void taken(Consumer<byte[], byte[]> consumer, List<RawFetch> fetches) {
        if (!fetches.isEmpty()) {
            takeovers.take(consumer, fetches);
        }
    }

    /** Whether the worker is to be no member of its group for now. */
    boolean withdrawn() {
        return gate.withdrawn();
    }

    /** The loop came by. */
    void beat() {
        lastBeatNanos = System.nanoTime();
    }

    /** The consumer is gone, and no partition is ours until the next one has joined. */
    void closed() {
        assignments.loseAll();
    }

    private static long uptime() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }

    long lastBeatNanos() {
        return lastBeatNanos;
    }

    /** Whether the first poll has begun. */
    boolean polled() {
        return polled;
    }
}
