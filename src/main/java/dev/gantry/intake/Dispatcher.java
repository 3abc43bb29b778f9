package dev.gantry.intake;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Hands tickets to virtual threads, one each, as slots come free; the rest wait in line. */
final class Dispatcher {
    private final int slots;
    private final Consumer<Ticket> job;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Condition room = lock.newCondition();

    // All below are guarded by the lock.
    private final Queue<Ticket> waiting = new ArrayDeque<>();
    private int running;
    private int roomBelow;
    private boolean stopped;

    /**
     * @param slots requests at work at once
     * @param job the whole work of one ticket; runs on the ticket's own virtual thread
     */
    Dispatcher(int slots, Consumer<Ticket> job) {
        this.slots = slots;
        this.job = job;
    }

    void offer(Ticket ticket) {
        lock.lock();
        try {
            waiting.add(ticket);
            startNext();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a partition's waiting tickets out of the line: they will never start. */
    void withdraw(PartitionWork partition) {
        lock.lock();
        try {
            waiting.removeIf(ticket -> ticket.partition() == partition);
        } finally {
            lock.unlock();
        }
    }

    /** Starts nothing any more. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            waiting.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no ticket is at work; false if the time ran out first. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (running > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            return running == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until fewer tickets than this are in line, or the time has run out. */
    void awaitWaitingBelow(int count, Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            roomBelow = count;
            while (waiting.size() >= count && left > 0) {
                left = room.awaitNanos(left);
            }
        } catch (InterruptedException _) {
            // The loop's own thread is being stopped: it finds out at its next poll.
            Thread.currentThread().interrupt();
        } finally {
            roomBelow = 0;
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    int running() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void startNext() {
        while (!stopped && running < slots) {
            Ticket next = waiting.poll();
            if (next == null) {
                return;
            }
            if (waiting.size() < roomBelow) {
                room.signal();
            }
            if (next.partition().started()) {
                running++;
                Thread.ofVirtual().name("request").start(() -> run(next));
            }
        }
    }

    private void run(Ticket ticket) {
        try {
            job.accept(ticket);
        } finally {
            released();
        }
    }

    private void released() {
        lock.lock();
        try {
            running--;
            startNext();
            if (running == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
