package dev.gantry.admission;

import dev.gantry.inference.WhenBenched;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Who stands in which lane's line, and who is to be looked at when; guarded by admission control.
 */
final class WaitQueues {
    private final TreeSet<Waiter> waiters = new TreeSet<>(Waiter.SOONEST);

    /** Those of them who do not wait for benched lanes. */
    private final Set<Waiter> unwilling = new LinkedHashSet<>();

    /** In how many there is somebody who lacks a slot or memory. */
    private int wantRoom;

    /** Those who wait, by topic. */
    private final Map<String, Integer> topics = new HashMap<>();

    private final TopicTurns turns;

    /** The lanes with a line, in the round in which they are served. */
    private final Deque<LaneLoads> queued = new ArrayDeque<>();

    WaitQueues(ToIntFunction<String> shares) {
        this.turns = new TopicTurns(shares);
    }

    /** Puts it in line; whether whoever sleeps until the next event has to think again. */
    boolean add(Waiter waiter) {
        boolean news = false;
        for (LaneLoads lane : waiter.lines) {
            lane.line.add(waiter);
            lane.stopped += waiter.stoppedAt == lane ? 1 : 0;
            if (!lane.queued) {
                lane.queued = true;
                queued.addLast(lane);
                news = true;
            }
        }
        if (waiters.add(waiter)) {
            waiter.counts(1);
            wantRoom += waiter.wantsRoom() ? 1 : 0;
            topics.merge(waiter.topic(), 1, Integer::sum);
            turns.join(waiter.topic());
        }
        if (waiter.request.whenBenched() == WhenBenched.FAIL) {
            unwilling.add(waiter);
        }
        return news || waiters.first() == waiter;
    }

    void remove(Waiter waiter) {
        for (LaneLoads lane : waiter.lines) {
            lane.line.remove(waiter);
            lane.stopped -= waiter.stoppedAt == lane ? 1 : 0;
        }
        if (waiters.remove(waiter)) {
            waiter.counts(-1);
            wantRoom -= waiter.wantsRoom() ? 1 : 0;
            if (topics.merge(waiter.topic(), -1, Integer::sum) == 0) {
                topics.remove(waiter.topic());
                turns.leave(waiter.topic());
            }
        }
        waiter.lines.clear();
        if (waiter.request.whenBenched() == WhenBenched.FAIL) {
            unwilling.remove(waiter);
        }
    }

    Collection<Waiter> unwilling() {
        return unwilling;
    }

    List<Waiter> waiting() {
        return List.copyOf(waiters);
    }

    boolean anyDue(Instant now) {
        return !waiters.isEmpty() && !waiters.first().wakeAt.isAfter(now);
    }

    Waiter soonest() {
        return waiters.first();
    }

    /** Whether several topics want what the worker itself has too little of. */
    boolean contended() {
        return wantRoom > 0 && turns.several();
    }

    /** Whose turn it is to have a slot. */
    TopicTurns turns() {
        return turns;
    }

    int lanes() {
        return queued.size();
    }

    /** The next lane of the round. */
    LaneLoads nextLane() {
        LaneLoads lane = queued.removeFirst();
        queued.addLast(lane);
        return lane;
    }

    /** Serves the next lane of the round; one whose line is empty then drops out of it. */
    void serveNext(Consumer<LaneLoads> pump) {
        LaneLoads lane = queued.removeFirst();
        pump.accept(lane);
        lane.queued = !lane.line.isEmpty();
        if (lane.queued) {
            queued.addLast(lane);
        }
    }

    /** Nanoseconds until something is due by time, at most {@code longest}. */
    long untilNext(Instant wall, long now, Duration longest) {
        long least = longest.toNanos();
        if (!waiters.isEmpty()) {
            Duration left = Duration.between(wall, waiters.first().wakeAt);
            least = left.compareTo(longest) < 0 ? left.toNanos() : least;
        }
        for (LaneLoads lane : queued) {
            long from = lane.admitsFrom(now);
            if (from > now && from != Long.MAX_VALUE && !lane.line.isEmpty()) {
                least = Math.min(least, from - now);
            }
        }
        return least;
    }
}
