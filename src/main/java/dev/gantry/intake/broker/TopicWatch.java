package dev.gantry.intake.broker;

import dev.gantry.concurrent.BackgroundLoop;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/**
 * Looks every second whether the requests topic is still the one that was read: neither the
 * consumer nor its group tells if it was deleted and made anew.
 */
final class TopicWatch implements TopicSight {
    private static final Logger log = LoggerFactory.getLogger(TopicWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int TIMEOUT_MS = 2_000;
    private static final int SEVERAL = 2;

    private final Admin admin;
    private final String topic;
    private final BackgroundLoop loop = BackgroundLoop.every(PERIOD, "topic-watch", this::watch);

    /** Written by whoever looked last. */
    private volatile Sighting last = new Sighting.Unclear(System.nanoTime());

    /** Looks in vain up to the last one; null: the broker has answered that. Written as above. */
    private volatile @Nullable Vain vain;

    private record Vain(int looks, Throwable cause) {}

    TopicWatch(Admin admin, String topic) {
        this.admin = admin;
        this.topic = topic;
    }

    void start() {
        loop.start();
    }

    void stop() {
        loop.close();
    }

    @Override
    public Sighting last() {
        return last;
    }

    /** A broker that is busy may leave one look unanswered. */
    @Nullable Throwable unheard() {
        Vain now = vain;
        return now == null || (now.cause() instanceof TimeoutException && now.looks() < SEVERAL)
                ? null
                : now.cause();
    }

    @Override
    public void request() {
        loop.call();
    }

    private void watch() throws InterruptedException {
        Sighting before = last;
        if (look() instanceof Sighting.Missing && !(before instanceof Sighting.Missing)) {
            log.atError()
                    .addKeyValue("topic", topic)
                    .log("the requests topic does not exist; waiting for it");
        }
    }

    @Override
    public Sighting look() throws InterruptedException {
        long now = System.nanoTime();
        Sighting seen = look(now);
        last = seen;
        return seen;
    }

    private Sighting look(long now) throws InterruptedException {
        try {
            var described =
                    admin.describeTopics(
                                    List.of(topic),
                                    new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                            .allTopicNames()
                            .get();
            Uuid id = Objects.requireNonNull(described.get(topic)).topicId();
            vain = null;
            return new Sighting.There(id, now);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            if (cause instanceof UnknownTopicOrPartitionException) {
                vain = null;
                return new Sighting.Missing(now);
            }
            Vain before = vain;
            vain = new Vain(before == null ? 1 : before.looks() + 1, cause);
            return new Sighting.Unclear(now);
        } catch (RuntimeException e) {
            // A client that is being closed.
            log.atDebug().addKeyValue("reason", e.toString()).log("topic not looked at");
            return new Sighting.Unclear(now);
        }
    }
}
