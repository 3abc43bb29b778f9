package dev.gantry.intake;

import dev.gantry.intake.Ticket.Waiting;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives each ticket a virtual thread while there is something to do for it, and none while its
 * request waits for a lane. How many calls are under way is the traffic's affair.
 */
final class Dispatcher {
    private final int slots;
    private final Work work;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Condition room = lock.newCondition();

    // All below are guarded by the lock.
    private int running;

    /** Requests for which only a slot is wanting. */
    private int inLine;

    /** Requests whose lanes do not take them now. */
    private int parked;

    private int roomBelow;
    private boolean stopped;

    /** What is done on a ticket's thread. */
    interface Work {
        void begin(Ticket ticket);

        /** Its request has waited long enough. */
        void resume(Ticket ticket, Waiting waiting);
    }

    /**
     * @param slots calls that the traffic lets be under way
     */
    Dispatcher(int slots, Work work) {
        this.slots = slots;
        this.work = work;
    }

    void offer(Ticket ticket) {
        if (ticket.partition().started()) {
            start(ticket, () -> work.begin(ticket));
        }
    }

    /** The ticket's thread is about to end: its request waits for a lane. */
    void park(Ticket ticket, Waiting waiting) {
        counted(waiting, 1);
        ticket.partition().parked(ticket, waiting.request() == null);
        ticket.waiting().set(waiting);
        waiting.parked().whenOver(() -> resume(ticket));
    }

    private void resume(Ticket ticket) {
        Waiting waiting = unpark(ticket);
        if (waiting == null) {
            return;
        }
        boolean ours = ticket.partition().unparked();
        if (!ours || !start(ticket, () -> work.resume(ticket, waiting))) {
            waiting.parked().leave();
        }
    }

    /** Gives up the waiting request of a ticket whose partition was taken away. */
    void withdraw(Ticket ticket) {
        Waiting waiting = unpark(ticket);
        if (waiting != null) {
            if (ticket.partition().unparked()) {
                ticket.partition().abandoned();
            }
            waiting.parked().leave();
        }
    }

    private @Nullable Waiting unpark(Ticket ticket) {
        Waiting waiting = ticket.waiting().getAndSet(null);
        if (waiting != null) {
            counted(waiting, -1);
        }
        return waiting;
    }

    private void counted(Waiting waiting, int more) {
        lock.lock();
        try {
            if (waiting.parked().inLine()) {
                inLine += more;
                signalRoom();
            } else {
                parked += more;
            }
        } finally {
            lock.unlock();
        }
    }

    /** False once stopped: the ticket is given up. */
    private boolean start(Ticket ticket, Runnable task) {
        lock.lock();
        try {
            if (!stopped) {
                running++;
                Thread.ofVirtual().name("request").start(() -> run(task));
                return true;
            }
        } finally {
            lock.unlock();
        }
        ticket.partition().abandoned();
        return false;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            ended();
        }
    }

    private void ended() {
        lock.lock();
        try {
            running--;
            signalRoom();
            if (running == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void signalRoom() {
        if (roomBelow > 0 && backlog() < roomBelow) {
            room.signal();
        }
    }

    /** Starts nothing any more, nor goes on with what waits. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
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

    /** Waits until the backlog is shorter than this, or the time has run out. */
    void awaitBacklogBelow(int count, Duration limit) {
        long left = limit.toNanos();
        lock.lock();
        try {
            roomBelow = count;
            while (backlog() >= count && left > 0) {
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

    /** Taken and not at work yet, though lanes would have them: more fetched would only add. */
    int waiting() {
        lock.lock();
        try {
            return backlog();
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private int backlog() {
        return inLine + Math.max(0, running - slots);
    }

    /** Requests whose lanes do not take them now. */
    int parked() {
        lock.lock();
        try {
            return parked;
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
}
