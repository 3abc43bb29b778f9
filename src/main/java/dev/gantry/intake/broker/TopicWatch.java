package dev.gantry.intake.broker;

import dev.gantry.concurrent.BackgroundLoop;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Looks every second whether the topics of requests are still those that were read: neither the
 * consumer nor its group tells if one was deleted and made anew.
 */
final class TopicWatch implements TopicSight {
    private static final Logger log = LoggerFactory.getLogger(TopicWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int TIMEOUT_MS = 2_000;
    private static final int SEVERAL = 2;

    private final Admin admin;
    private final Supplier<List<String>> topics;
    private final BackgroundLoop loop = BackgroundLoop.every(PERIOD, "topic-watch", this::watch);

    /** Written by whoever looked last. */
    private volatile Sightings last = Sightings.unclear(System.nanoTime());

    /** Looks in vain up to the last one; null: the broker has answered that. Written as above. */
    private volatile @Nullable Vain vain;

    private record Vain(int looks, Throwable cause) {}

    /**
     * @param topics as they are read now
     */
    TopicWatch(Admin admin, Supplier<List<String>> topics) {
        this.admin = admin;
        this.topics = topics;
    }

    void start() {
        loop.start();
    }

    void stop() {
        loop.close();
    }

    @Override
    public Sightings last() {
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
        List<String> before = last.missing();
        for (String topic : look().missing()) {
            if (!before.contains(topic)) {
                log.atError()
                        .addKeyValue("topic", topic)
                        .log("the requests topic does not exist; waiting for it");
            }
        }
    }

    @Override
    public Sightings look() throws InterruptedException {
        long now = System.nanoTime();
        Sightings seen = look(now);
        last = seen;
        return seen;
    }

    private Sightings look(long now) throws InterruptedException {
        Map<String, Sighting> seen = new HashMap<>();
        Throwable unheard = null;
        try {
            var described =
                    admin.describeTopics(
                                    topics.get(), new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                            .topicNameValues();
            for (var each : described.entrySet()) {
                try {
                    seen.put(each.getKey(), sighting(each.getValue(), now));
                } catch (ExecutionException e) {
                    unheard = e.getCause();
                }
            }
            heard(unheard);
        } catch (RuntimeException e) {
            // A client that is being closed.
            log.atDebug().addKeyValue("reason", e.toString()).log("topics not looked at");
        }
        return new Sightings(seen, now);
    }

    private static Sighting sighting(KafkaFuture<TopicDescription> answer, long now)
            throws InterruptedException, ExecutionException {
        try {
            return new Sighting.There(answer.get().topicId(), now);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return new Sighting.Missing(now);
            }
            throw e;
        }
    }

    /**
     * @param unheard why some topic was looked at in vain; null: the broker has answered of all
     */
    private void heard(@Nullable Throwable unheard) {
        Vain before = vain;
        vain = unheard == null ? null : new Vain(before == null ? 1 : before.looks() + 1, unheard);
    }
}
