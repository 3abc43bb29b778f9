package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;

/**
 * What is done on the consumer thread before each poll: commit what is due, open or shut the gate.
 */
final class PollHook {
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

    /**
     * The consumer, with this before each of its polls. A proxy, because Spring's interceptors can
     * neither pause what the very next poll would return nor shorten that poll.
     */
    Consumer<byte[], byte[]> before(Consumer<byte[], byte[]> consumer) {
        Object proxy =
                Proxy.newProxyInstance(
                        PollHook.class.getClassLoader(),
                        new Class<?>[] {Consumer.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("poll")) {
                                return consumer.poll(beforePoll(consumer, (Duration) arguments[0]));
                            }
                            try {
                                return method.invoke(consumer, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
        @SuppressWarnings("unchecked") // made of exactly this interface two lines above
        Consumer<byte[], byte[]> hooked = (Consumer<byte[], byte[]>) proxy;
        return hooked;
    }

    private Duration beforePoll(Consumer<byte[], byte[]> consumer, Duration timeout) {
        long now = System.nanoTime();
        lastBeatNanos = now;
        if (!polled) {
            polled = true;
            log.atInfo().addKeyValue("uptimeMs", uptime()).log("first poll");
        }
        try {
            committer.commitIfDue(consumer, assignments.works(), now);
            return gate.apply(consumer) ? timeout : Duration.ZERO;
        } catch (RuntimeException e) {
            // What was due is due again at the next poll; the loop must go on.
            log.atWarn().setCause(e).log("before a poll");
            return timeout;
        }
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
