package dev.gantry.intake;

import dev.gantry.intake.broker.TopicSight;
import dev.gantry.intake.membership.PollHook;
import dev.gantry.reread.RawFetch;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;

/** What is done on the consumer thread before each poll: commit what is due, pause or resume. */
final class PollSteps implements PollHook {
    private static final Logger log = LoggerFactory.getLogger(PollSteps.class);

    private final OffsetCommitter committer;
    private final Assignments assignments;
    private final TopicSight topics;
    private final Backpressure gate;
    private final Takeovers takeovers;

    /** Read by the liveness check; the loop comes by at least every poll timeout. */
    private volatile long lastBeatNanos = System.nanoTime();

    private volatile boolean polled;

    /** Whether the last poll's steps were broken off; of the consumer's thread. */
    private boolean brokenOff;

    PollSteps(
            OffsetCommitter committer,
            Assignments assignments,
            TopicSight topics,
            Backpressure gate,
            Takeovers takeovers) {
        this.topics = topics;
        this.takeovers = takeovers;
        this.committer = committer;
        this.assignments = assignments;
        this.gate = gate;
    }

    @Override
    public void invalid(Consumer<byte[], byte[]> consumer, InvalidOffsetException found) {
        assignments.positions().invalid(consumer, found);
    }

    @Override
    public Duration beforePoll(Consumer<byte[], byte[]> consumer, Duration timeout) {
        beat();
        if (!polled) {
            polled = true;
            log.atInfo().addKeyValue("uptime_ms", uptime()).log("first poll");
        }
        try {
            assignments.positions().beforePoll(consumer, topics.last());
            assignments.departures().beforePoll(consumer);
            committer.commitIfDue(consumer, assignments.works(), System.nanoTime());
            if (!gate.draining() && !gate.shut()) {
                takeovers.proceed(consumer);
            }
            boolean open = gate.apply(consumer);
            brokenOff = false;
            return open ? timeout : Duration.ZERO;
        } catch (RuntimeException e) {
            // What was due is due again at the next poll; the loop must go on. Once it may be a
            // partition that leaves between two looks.
            log.atLevel(brokenOff ? Level.WARN : Level.DEBUG)
                    .setCause(e)
                    .log("what is done before a poll has failed; it is tried again");
            brokenOff = true;
            return timeout;
        }
    }

    @Override
    public void taken(Consumer<byte[], byte[]> consumer, List<RawFetch> fetches) {
        if (!fetches.isEmpty()) {
            takeovers.take(consumer, fetches);
        }
    }

    @Override
    public boolean withdrawn() {
        return gate.withdrawn();
    }

    @Override
    public void beat() {
        lastBeatNanos = System.nanoTime();
    }

    @Override
    public void closed() {
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
