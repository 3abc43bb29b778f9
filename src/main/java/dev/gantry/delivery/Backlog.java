package dev.gantry.delivery;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The records that wait, by topic, and who may be tried next. */
final class Backlog {
    private final Outlet.Backoff backoff;
    private final Map<String, Outlet> outlets = new ConcurrentHashMap<>();

    /** Guards the state of every outlet. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition work = lock.newCondition();

    Backlog(Outlet.Backoff backoff) {
        this.backoff = backoff;
    }

    boolean open() {
        return outlets.values().stream().noneMatch(Outlet::blocked);
    }

    boolean blocks(Shipment shipment) {
        return outlet(shipment).blocked();
    }

    /** Waits its turn, first come first served. */
    void add(Shipment shipment) {
        lock.lock();
        try {
            outlet(shipment).add(shipment);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Its topic takes records; true if that is news. */
    boolean succeeded(Shipment shipment) {
        Outlet outlet = outlet(shipment);
        // A probe is always told: one still out when another opened the topic would be missed at
        // the next outage, and nothing tried any more.
        if (!outlet.blocked() && !shipment.probing()) {
            return false;
        }
        lock.lock();
        try {
            work.signal();
            return outlet.succeeded(shipment);
        } finally {
            lock.unlock();
        }
    }

    /** Its topic takes no records, and it waits again; true if that is news. */
    boolean failed(Shipment shipment, Exception cause) {
        lock.lock();
        try {
            work.signal();
            return outlet(shipment).failed(shipment, cause, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** It came back by itself, which says nothing about its topic. */
    void returned(Shipment shipment) {
        lock.lock();
        try {
            work.signal();
            outlet(shipment).returned(shipment);
        } finally {
            lock.unlock();
        }
    }

    /** The next record that may be tried; waits for it. */
    Shipment awaitNext() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = System.nanoTime();
                long pause = Long.MAX_VALUE;
                for (Outlet outlet : outlets.values()) {
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

    private Outlet outlet(Shipment shipment) {
        return outlets.computeIfAbsent(shipment.record().topic(), _ -> new Outlet(backoff));
    }
}
