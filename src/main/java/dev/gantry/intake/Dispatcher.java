package dev.gantry.intake;

import dev.gantry.inference.SuspendedRun;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives each record a virtual thread while there is something to do for it, and none while its
 * request waits for a lane. How many calls are under way is admission control's affair.
 */
public final class Dispatcher {
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

    /** The same three by topic. */
    private final Map<String, Load> topics = new HashMap<>();

    private int roomBelow;

    /** Requests that wait although lanes have been called for them. */
    private int begun;

    private boolean draining;
    private boolean stopped;

    /** What there is of one topic's requests; counted in place, as each comes by four times. */
    private static final class Load {
        /** At work. */
        private int running;

        /** For which only a slot is wanting. */
        private int inLine;

        /** Whose lanes do not take them now. */
        private int parked;
    }

    /**
     * How one topic's requests stand at one moment.
     *
     * @param waiting as {@link #waiting()} of this topic: of what is beyond the slots, no more than
     *     it has at work itself
     * @param parked its requests whose lanes do not take them now
     * @param allParked the same of all topics
     */
    record Standing(int waiting, int parked, int allParked) {}

    /** What is done on a record's thread. */
    public interface Work {
        void begin(InFlightRecord inFlight);

        /** Its request has waited long enough. */
        void resume(InFlightRecord inFlight, SuspendedRun run);
    }

    /**
     * @param slots calls that admission control lets be under way
     */
    public Dispatcher(int slots, Work work) {
        this.slots = slots;
        this.work = work;
    }

    void offer(InFlightRecord inFlight) {
        if (inFlight.partition().open().started(inFlight)
                && !start(inFlight, false, () -> work.begin(inFlight))) {
            inFlight.abandoned();
        }
    }

    /** The record's thread is about to end: its request waits for a lane. */
    void park(InFlightRecord inFlight, SuspendedRun run) {
        counted(inFlight, run, 1);
        OpenRecords open = inFlight.partition().open();
        open.parked(inFlight, run.request() == null, run.begun());
        inFlight.waiting().set(run);
        if (open.leaving() && !run.begun()) {
            withdraw(inFlight); // what only waits goes where the partition goes
        } else {
            run.whenOver(() -> resume(inFlight));
        }
    }

    private void resume(InFlightRecord inFlight) {
        SuspendedRun run = inFlight.waiting().getAndSet(null);
        if (run == null) {
            return;
        }
        boolean on = inFlight.partition().open().unparked(inFlight);
        if (!on || !start(inFlight, run.begun(), () -> work.resume(inFlight, run))) {
            run.leave();
            inFlight.abandoned();
        }
        // Only now, so that whoever awaits idleness sees it either waiting or running.
        counted(inFlight, run, -1);
    }

    /** Gives up the waiting request of a record whose partition is taken away. */
    void withdraw(InFlightRecord inFlight) {
        SuspendedRun run = inFlight.waiting().getAndSet(null);
        if (run == null) {
            return;
        }
        var _ = inFlight.partition().open().unparked(inFlight);
        inFlight.abandoned();
        run.leave();
        counted(inFlight, run, -1);
    }

    private void counted(InFlightRecord inFlight, SuspendedRun run, int more) {
        lock.lock();
        try {
            if (run.inLine()) {
                inLine += more;
                load(inFlight).inLine += more;
                signalRoom();
            } else {
                parked += more;
                load(inFlight).parked += more;
            }
            if (run.begun()) {
                begun += more;
                signalIdle();
            }
        } finally {
            lock.unlock();
        }
    }

    /** False while draining, unless begun, and once stopped. */
    private boolean start(InFlightRecord inFlight, boolean begun, Runnable task) {
        lock.lock();
        try {
            if (begun ? stopped : draining) {
                return false;
            }
            running++;
            load(inFlight).running++;
        } finally {
            lock.unlock();
        }
        Thread.ofVirtual().name("request").start(() -> run(inFlight, task));
        return true;
    }

    /** Called with the lock held. */
    private Load load(InFlightRecord inFlight) {
        String topic = inFlight.partition().partition().topic();
        Load known = topics.get(topic);
        return known == null ? topics.computeIfAbsent(topic, _ -> new Load()) : known;
    }

    private void run(InFlightRecord inFlight, Runnable task) {
        try {
            task.run();
        } finally {
            ended(inFlight);
        }
    }

    private void ended(InFlightRecord inFlight) {
        lock.lock();
        try {
            running--;
            load(inFlight).running--;
            signalRoom();
            signalIdle();
        } finally {
            lock.unlock();
        }
    }

    private void signalRoom() {
        if (roomBelow > 0 && backlog() < roomBelow) {
            room.signal();
        }
    }

    private void signalIdle() {
        if (running + begun == 0) {
            idle.signalAll();
        }
    }

    /** Starts nothing any more; what has begun goes on. */
    void drain() {
        lock.lock();
        try {
            draining = true;
        } finally {
            lock.unlock();
        }
    }

    /** Nor goes on with what waits. */
    void stop() {
        lock.lock();
        try {
            draining = true;
            stopped = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no record is at work nor begun; false if the time ran out first. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (running + (stopped ? 0 : begun) > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            return running + (stopped ? 0 : begun) == 0;
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

    /** All at one moment, for whoever decides by it. */
    Standing standing(String topic) {
        lock.lock();
        try {
            Load load = topics.get(topic);
            if (load == null) {
                return new Standing(0, 0, parked);
            }
            int beyond = Math.min(load.running, Math.max(0, running - slots));
            return new Standing(load.inLine + beyond, load.parked, parked);
        } finally {
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
