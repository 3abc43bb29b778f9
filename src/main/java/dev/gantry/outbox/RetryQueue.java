package dev.gantry.outbox;

import dev.gantry.concurrent.Backoff;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The records that the producer has not got, by topic, and what is known of broker and topics: who
 * may be tried next, and what goes to the spool.
 *
 * <p>The broker is down once a record found no answer in its time and nothing else was answered
 * since that record left; a topic that alone is silent or refused is that topic's matter.
 */
final class RetryQueue {
    private static final Logger log = LoggerFactory.getLogger(RetryQueue.class);

    private final Backoff backoff;
    private final InstantSource clock;
    private final Map<String, TopicChannel> channels = new ConcurrentHashMap<>();

    /** Guards the state of every channel, and all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition work = lock.newCondition();
    private final Condition spoolWork = lock.newCondition();

    /** What the broker will never take. */
    private final Deque<PendingRecord> refused = new ArrayDeque<>();

    /** What is blocked goes to the spool; else it waits here, and is tried from here. */
    private volatile boolean spooling;

    /** Read without the lock; null: the broker answers. */
    private volatile @Nullable Instant downSince;

    /** When the broker last answered; written without the lock, the last one wins. */
    private volatile long heardNanos = System.nanoTime();

    RetryQueue(Backoff backoff, InstantSource clock) {
        this.backoff = backoff;
        this.clock = clock;
    }

    boolean open() {
        return downSince == null && channels.values().stream().noneMatch(TopicChannel::blocked);
    }

    @Nullable Instant downSince() {
        return downSince;
    }

    boolean blocks(PendingRecord pending) {
        return channel(pending.topic()).blocked();
    }

    /** Waits its turn, first come first served. */
    void add(PendingRecord pending) {
        change(() -> channel(pending.topic()).add(pending));
    }

    /** Waits to be set aside. */
    void refuse(PendingRecord pending, String reason) {
        change(
                () -> {
                    pending.refused(reason);
                    refused.addLast(pending);
                });
    }

    /** The broker has it. */
    void succeeded(PendingRecord pending) {
        // A probe is always told: one still out when another opened the topic would be missed at
        // the next outage, and nothing tried any more.
        if (pending.probing()) {
            returned(pending);
        }
        took(pending.topic());
    }

    /** The topic takes records. */
    void took(String topic) {
        heardNanos = System.nanoTime();
        TopicChannel channel = channel(topic);
        if (!channel.blocked() && downSince == null) {
            return;
        }
        change(
                () -> {
                    brokerBack();
                    if (channel.succeeded()) {
                        log.atInfo().addKeyValue("topic", topic).log("topic takes records again");
                    }
                });
    }

    /** Another worker has brought to the broker what this one could not. */
    void tookElsewhere() {
        change(
                () -> {
                    heardNanos = System.nanoTime();
                    brokerBack();
                });
    }

    /** It did not get through and waits again. */
    void failed(PendingRecord pending, Exception cause) {
        change(
                () -> {
                    heard(SendFailure.of(cause), pending.sentNanos(), cause);
                    if (channel(pending.topic()).failed(pending, cause, System.nanoTime())
                            && downSince == null) {
                        log.atWarn()
                                .addKeyValue("topic", pending.topic())
                                .addKeyValue("cause", cause.toString())
                                .log("topic takes no records; they are kept and tried again");
                    }
                });
    }

    /** What a failure says of the broker, for records that do not wait here. */
    void heard(Exception cause, long sentNanos) {
        change(() -> heard(SendFailure.of(cause), sentNanos, cause));
    }

    private void heard(SendFailure failure, long sentNanos, Exception cause) {
        switch (failure) {
            case UNAVAILABLE, REJECTED -> {
                heardNanos = System.nanoTime();
                brokerBack();
            }
            case SILENCE -> silence(sentNanos, cause);
            // The client itself may have said so.
            case TOO_LARGE, PRODUCER_BROKEN -> {}
        }
    }

    private void silence(long sentNanos, Exception cause) {
        if (downSince != null || heardNanos - sentNanos > 0) {
            return;
        }
        // Before the loop: an channel made meanwhile sees it, the others are in the loop.
        downSince = clock.instant();
        long now = System.nanoTime();
        channels.values().forEach(each -> each.brokerWent(now));
        log.atInfo()
                .addKeyValue("cause", cause.toString())
                .log("broker takes no records; they are kept and tried again");
    }

    private void brokerBack() {
        Instant since = downSince;
        if (since == null) {
            return;
        }
        downSince = null;
        channels.values().forEach(TopicChannel::brokerBack);
        log.atInfo()
                .addKeyValue("took_ms", Duration.between(since, clock.instant()).toMillis())
                .log("broker takes records again");
    }

    /** It came back by itself, which says nothing about its topic. */
    void returned(PendingRecord pending) {
        change(() -> channel(pending.topic()).returned(pending));
    }

    /** The next record that may be tried; waits for it. */
    PendingRecord awaitNext() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                long pause = Long.MAX_VALUE;
                for (TopicChannel channel : channels.values()) {
                    if (spooling && channel.blocked()) {
                        continue; // the spool's own records are tried instead
                    }
                    PendingRecord next = channel.next(now);
                    if (next != null) {
                        return next;
                    }
                    pause = Math.min(pause, channel.nanosToNext(now));
                }
                var _ = work.awaitNanos(pause);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * What is to be spooled, one of each topic in turn; waits for it.
     *
     * @return empty if there was nothing within that time
     */
    List<PendingRecord> awaitBlocked(int records, long bytes, Duration within)
            throws InterruptedException {
        long left = within.toNanos();
        lock.lockInterruptibly();
        try {
            while (left > 0 && refused.isEmpty() && !anyWaits()) {
                left = spoolWork.awaitNanos(left);
            }
            return pollBlocked(records, bytes);
        } finally {
            lock.unlock();
        }
    }

    private boolean anyWaits() {
        return channels.values().stream().anyMatch(TopicChannel::waits);
    }

    private List<PendingRecord> pollBlocked(int records, long bytes) {
        List<PendingRecord> batch = new ArrayList<>();
        long left = bytes;
        boolean more = true;
        while (more) {
            int before = batch.size();
            for (TopicChannel each : channels.values()) {
                PendingRecord next = refused.isEmpty() ? each.pollBlocked() : refused.pollFirst();
                if (next != null) {
                    batch.add(next);
                    left -= next.record().size();
                }
                if (batch.size() >= records || left <= 0) {
                    return batch;
                }
            }
            more = batch.size() > before;
        }
        return batch;
    }

    /** The spool takes records. */
    void spoolOpen() {
        if (!spooling) {
            spooling = true;
            change(() -> {});
        }
    }

    /** The spool took none of these: they wait here, and are tried from here. */
    void spoolShut(List<PendingRecord> batch) {
        change(
                () -> {
                    spooling = false;
                    for (PendingRecord each : batch.reversed()) {
                        if (each.refusal() == null) {
                            channel(each.topic()).addFirst(each);
                        } else {
                            refused.addFirst(each);
                        }
                    }
                });
    }

    /** Changes what the lock guards, and has those who wait look at it. */
    private void change(Runnable step) {
        lock.lock();
        try {
            step.run();
            signal();
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        work.signal();
        spoolWork.signal();
    }

    private TopicChannel channel(String topic) {
        TopicChannel known = channels.get(topic); // which never locks
        return known == null ? channels.computeIfAbsent(topic, _ -> newChannel()) : known;
    }

    private TopicChannel newChannel() {
        TopicChannel channel = new TopicChannel(backoff);
        if (downSince != null) {
            channel.brokerWent(System.nanoTime());
        }
        return channel;
    }
}
