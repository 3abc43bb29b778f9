package dev.gantry.delivery;

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
final class Backlog {
    private static final Logger log = LoggerFactory.getLogger(Backlog.class);

    private final Outlet.Backoff backoff;
    private final InstantSource clock;
    private final Map<String, Outlet> outlets = new ConcurrentHashMap<>();

    /** Guards the state of every outlet, and all below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition work = lock.newCondition();
    private final Condition spoolWork = lock.newCondition();

    /** What the broker will never take. */
    private final Deque<Shipment> refused = new ArrayDeque<>();

    /** What is blocked goes to the spool; else it waits here, and is tried from here. */
    private volatile boolean spooling;

    /** Read without the lock; null: the broker answers. */
    private volatile @Nullable Instant downSince;

    /** When the broker last answered; written without the lock, the last one wins. */
    private volatile long heardNanos = System.nanoTime();

    Backlog(Outlet.Backoff backoff, InstantSource clock) {
        this.backoff = backoff;
        this.clock = clock;
    }

    boolean open() {
        return downSince == null && outlets.values().stream().noneMatch(Outlet::blocked);
    }

    @Nullable Instant downSince() {
        return downSince;
    }

    boolean blocks(Shipment shipment) {
        return outlet(shipment.topic()).blocked();
    }

    /** Waits its turn, first come first served. */
    void add(Shipment shipment) {
        change(() -> outlet(shipment.topic()).add(shipment));
    }

    /** Waits to be set aside. */
    void refuse(Shipment shipment, String reason) {
        change(
                () -> {
                    shipment.refused(reason);
                    refused.addLast(shipment);
                });
    }

    /** The broker has it. */
    void succeeded(Shipment shipment) {
        // A probe is always told: one still out when another opened the topic would be missed at
        // the next outage, and nothing tried any more.
        if (shipment.probing()) {
            returned(shipment);
        }
        took(shipment.topic());
    }

    /** The topic takes records. */
    void took(String topic) {
        heardNanos = System.nanoTime();
        Outlet outlet = outlet(topic);
        if (!outlet.blocked() && downSince == null) {
            return;
        }
        change(
                () -> {
                    brokerBack();
                    if (outlet.succeeded()) {
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
    void failed(Shipment shipment, Exception cause) {
        change(
                () -> {
                    heard(SendFailure.of(cause), shipment.sentNanos(), cause);
                    if (outlet(shipment.topic()).failed(shipment, cause, System.nanoTime())
                            && downSince == null) {
                        log.atWarn()
                                .addKeyValue("topic", shipment.topic())
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
        // Before the loop: an outlet made meanwhile sees it, the others are in the loop.
        downSince = clock.instant();
        long now = System.nanoTime();
        outlets.values().forEach(each -> each.brokerWent(now));
        log.atWarn().addKeyValue("cause", cause.toString()).log("broker down");
    }

    private void brokerBack() {
        Instant since = downSince;
        if (since == null) {
            return;
        }
        downSince = null;
        outlets.values().forEach(Outlet::brokerBack);
        log.atInfo()
                .addKeyValue("tookMs", Duration.between(since, clock.instant()).toMillis())
                .log("broker takes records again");
    }

    /** It came back by itself, which says nothing about its topic. */
    void returned(Shipment shipment) {
        change(() -> outlet(shipment.topic()).returned(shipment));
    }

    /** The next record that may be tried; waits for it. */
    Shipment awaitNext() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                long pause = Long.MAX_VALUE;
                for (Outlet outlet : outlets.values()) {
                    if (spooling && outlet.blocked()) {
                        continue; // the spool's own records are tried instead
                    }
                    Shipment next = outlet.next(now);
                    if (next != null) {
                        return next;
                    }
                    pause = Math.min(pause, outlet.nanosToNext(now));
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
    List<Shipment> awaitBlocked(int records, long bytes, Duration within)
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
        return outlets.values().stream().anyMatch(Outlet::waits);
    }

    private List<Shipment> pollBlocked(int records, long bytes) {
        List<Shipment> batch = new ArrayList<>();
        long left = bytes;
        boolean more = true;
        while (more) {
            int before = batch.size();
            for (Outlet each : outlets.values()) {
                Shipment next = refused.isEmpty() ? each.pollBlocked() : refused.pollFirst();
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
    void spoolShut(List<Shipment> batch) {
        change(
                () -> {
                    spooling = false;
                    for (Shipment each : batch.reversed()) {
                        if (each.refusal() == null) {
                            outlet(each.topic()).addFirst(each);
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

    private Outlet outlet(String topic) {
        return outlets.computeIfAbsent(topic, _ -> newOutlet());
    }

    private Outlet newOutlet() {
        Outlet outlet = new Outlet(backoff);
        if (downSince != null) {
            outlet.brokerWent(System.nanoTime());
        }
        return outlet;
    }
}
