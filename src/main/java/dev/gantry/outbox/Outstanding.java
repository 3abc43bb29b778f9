package dev.gantry.outbox;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the records that are not yet safe. */
final class Outstanding {
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** Written once, before the first record. */
    private volatile Runnable onLess = () -> {};

    private final ReentrantLock lock = new ReentrantLock();

    /** Nothing is outstanding. */
    private final Condition drained = lock.newCondition();

    long records() {
        return records.get();
    }

    long bytes() {
        return bytes.get();
    }

    /** Runs, on any thread, when less is outstanding; must not block. */
    void onLess(Runnable then) {
        onLess = then;
    }

    void add(PendingRecord pending) {
        records.incrementAndGet();
        bytes.addAndGet(pending.record().size());
    }

    void replaced(PendingRecord pending, PendingRecord by) {
        bytes.addAndGet(by.record().size() - pending.record().size());
        onLess.run();
    }

    /** Counted out before the owner hears of it: whoever it wakes sees true figures. */
    void settle(PendingRecord pending) {
        if (!pending.settles()) {
            return;
        }
        bytes.addAndGet(-pending.record().size());
        boolean last = records.decrementAndGet() == 0;
        try {
            pending.safe();
        } finally {
            onLess.run();
            if (last) {
                signalDrained();
            }
        }
    }

    /** True once nothing is outstanding; false if the time ran out first. */
    boolean awaitNone(Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lock();
        try {
            while (records.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                left = drained.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void signalDrained() {
        lock.lock();
        try {
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
