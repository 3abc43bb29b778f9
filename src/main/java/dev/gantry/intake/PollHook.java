package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.BatchInterceptor;

import java.lang.management.ManagementFactory;

/**
 * What is done on the consumer thread before each poll: commit what is due, open or shut the gate.
 */
final class PollHook implements BatchInterceptor<byte[], byte[]> {
    private static final Logger log = LoggerFactory.getLogger(PollHook.class);

    private final OffsetCommitter committer;
    private final Assignments assignments;
    private final PollGate gate;

    /** Read by the liveness check; the loop comes by at least every poll timeout. */
    private volatile long lastBeatNanos = System.nanoTime();

    private volatile boolean polled;

    PollHook(OffsetCommitter committer, Assignments assignments, PollGate gate) {
        this.committer = committer;
        this.assignments = assignments;
        this.gate = gate;
    }

    @Override
    public void setupThreadState(Consumer<?, ?> consumer) {
        long now = System.nanoTime();
        lastBeatNanos = now;
        if (!polled) {
            polled = true;
            log.atInfo().addKeyValue("uptimeMs", uptime()).log("first poll");
        }
        try {
            committer.commitIfDue(consumer, assignments.works(), now);
            gate.apply(consumer);
        } catch (RuntimeException e) {
            // What was due is due again at the next poll; the loop must go on.
            log.atWarn().setCause(e).log("before a poll");
        }
    }

    @Override
    public ConsumerRecords<byte[], byte[]> intercept(
            ConsumerRecords<byte[], byte[]> records, Consumer<byte[], byte[]> consumer) {
        return records;
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
