package dev.gantry.outbox;

import dev.gantry.concurrent.Backoff;
import dev.gantry.fleet.SqlTrouble;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Publishes what is in the spool, whoever wrote it: takes rows, sends them, and deletes those that
 * the broker has, all in one transaction. Whoever dies in between has published some of them twice,
 * and lost none.
 *
 * <p>While the broker is down this is the probe: a few real records at a time.
 */
final class SpoolDrain {
    private static final Logger log = LoggerFactory.getLogger(SpoolDrain.class);

    /** Keys of several partitions, so that one partition without a leader does not block all. */
    private static final int PROBES = 16;

    private static final Duration IDLE = Duration.ofMillis(500);

    /** So long at most only what stands behind a failure is tried. */
    private static final long ROUND = Duration.ofSeconds(10).toNanos();

    private static final long LONGEST_REST = Duration.ofSeconds(10).toNanos();

    private static final Backoff PROBING =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    private static final Backoff RESTING =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final RetryQueue retries;
    private final SpoolLots lots;
    private final SpoolReach reach;
    private final SpoolCounts counts;
    private final DrainThrottle throttle;

    /** How far each topic that gives trouble was looked through, and when it is tried again. */
    private final Map<String, Rest> rests = new HashMap<>();

    /** Which topic's turn it is to be tried while the broker is down. */
    private int turn;

    /** What had been spooled here when the broker was last seen to answer. */
    private long spooledBefore;

    /** Batches in a row that found the broker down. */
    private int probes;

    private boolean troubled;

    /** Whether this pass has looked, and was answered. */
    private boolean looked;

    SpoolDrain(
            RetryQueue retries,
            SpoolLots lots,
            SpoolReach reach,
            SpoolCounts counts,
            DrainThrottle throttle) {
        this.retries = retries;
        this.lots = lots;
        this.reach = reach;
        this.counts = counts;
        this.throttle = throttle;
    }

    /**
     * A topic that gave trouble.
     *
     * @param untilNanos before which it is left alone
     * @param after the id behind which it is then looked at
     * @param begunNanos when that was last the front: whatever comes in, the oldest get their turn
     */
    private record Rest(long untilNanos, int failures, long after, int rows, long begunNanos) {
        /** It takes records again; what failed before is tried once the others have gone. */
        Rest over() {
            return new Rest(untilNanos, 1, after, SpoolLots.ROWS, begunNanos);
        }

        Rest until(long nanos) {
            return new Rest(nanos, failures, after, rows, begunNanos);
        }

        boolean round(long now) {
            return now - begunNanos >= ROUND;
        }
    }

    /** One batch of each topic, and the pause that is due. */
    void step() throws InterruptedException {
        boolean wasDown = retries.downSince() != null;
        int moved = drainOnce();
        if (wasDown && retries.downSince() != null) {
            Thread.sleep(PROBING.after(++probes));
            return;
        }
        probes = 0;
        if (moved == 0) {
            Thread.sleep(IDLE);
        }
    }

    /** One batch of each topic that is not at rest; returns how many rows have gone. */
    int drainOnce() throws InterruptedException {
        int moved = 0;
        boolean well = true;
        for (String topic : due()) {
            Rest rest = rests.get(topic);
            if (rest != null && System.nanoTime() - rest.untilNanos() < 0) {
                continue;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long started = System.nanoTime();
            SpoolSender.Landing landing;
            try {
                landing = batch(topic, rest);
            } catch (RuntimeException e) {
                // Not to be the trouble of the topics behind it.
                reach.more(topic);
                rest(topic, rest, System.nanoTime() - started);
                trouble(e);
                well = false;
                continue;
            }
            moved += landing.settled();
            if (retries.downSince() != null) {
                return moved;
            }
            Thread.sleep(throttle.after(Duration.ofNanos(System.nanoTime() - started), landing));
        }
        // A pass with nothing to do says nothing, nor a look of rows that could not be moved.
        boolean sound = well && (moved > 0 || (looked && reach.topics().isEmpty()));
        troubled = troubled && !sound;
        return moved;
    }

    /** The topics with records; while the broker is down in another order each time. */
    private List<String> due() {
        boolean down = retries.downSince() != null;
        long spooled = counts.spooled().get(); // before the look: these are there, or were
        looked = reach.lookDue(System.nanoTime()) && look();
        List<String> topics = new ArrayList<>(reach.topics());
        if (!down) {
            spooledBefore = spooled;
        } else if (!topics.isEmpty()) {
            Collections.rotate(topics, -turn++);
        } else if (looked && spooled > spooledBefore) {
            // With nothing to try, this worker would call the broker down for ever.
            retries.tookElsewhere();
        }
        return topics;
    }

    private boolean look() {
        long started = System.nanoTime();
        try {
            SpoolTable.Front front = lots.front();
            reach.looked(front, started, System.nanoTime());
            return true;
        } catch (RuntimeException e) {
            reach.failed(SqlTrouble.of(e).kind(), started, System.nanoTime());
            trouble(e);
            return false;
        }
    }

    private SpoolSender.Landing batch(String topic, @Nullable Rest rest) {
        long floor = reach.floor(topic);
        long after = rest == null ? floor : Math.max(floor, rest.after());
        int rows = rest == null ? SpoolLots.ROWS : rest.rows();
        reach.taking(topic);
        SpoolSender.Landing landing =
                lots.move(topic, after, retries.downSince() == null ? rows : PROBES);
        if (landing.rows() > 0 || rest != null) {
            reach.more(topic);
        }
        if (after == floor && landing.settled() == landing.rows() && landing.rows() > 0) {
            reach.gone(topic, landing.lastId());
        }
        counts.drained().addAndGet(landing.landed().size());
        counts.poison().addAndGet(landing.refused().size());
        judge(topic, rest, landing);
        return landing;
    }

    /**
     * After trouble the topic rests, and is then looked at behind what failed: the keys of one
     * partition without a leader do not hold up the others.
     */
    private void judge(String topic, @Nullable Rest rest, SpoolSender.Landing landing) {
        long now = System.nanoTime();
        boolean round = rest != null && rest.round(now);
        if (landing.failure() == null) {
            rests.computeIfPresent(
                    topic, (_, each) -> landing.rows() == 0 || round ? null : each.over());
            return;
        }
        long after = round ? reach.floor(topic) : landing.lastId();
        long begun = rest == null || round ? now : rest.begunNanos();
        if (retries.downSince() != null) {
            // Not the topic's trouble, or that of a few: next time those behind them are tried.
            rests.put(topic, new Rest(now, 1, after, PROBES, begun));
            return;
        }
        int failures = rest == null ? 1 : rest.failures() + 1;
        if (rest == null) {
            log.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("cause", landing.failure())
                    .log("topic takes no records from the spool; it is tried again");
        }
        long until = now + RESTING.after(failures).toNanos();
        rests.put(topic, new Rest(until, failures, after, PROBES, begun));
    }

    /** A database in trouble is left alone as long as it was busy with this. */
    private void rest(String topic, @Nullable Rest rest, long tookNanos) {
        long now = System.nanoTime();
        long until = now + Math.min(tookNanos, LONGEST_REST);
        rests.put(
                topic,
                rest == null
                        ? new Rest(until, 1, reach.floor(topic), SpoolLots.ROWS, now)
                        : rest.until(until));
    }

    private void trouble(RuntimeException cause) {
        if (!troubled) {
            troubled = true;
            log.atLevel(SqlTrouble.of(cause).level())
                    .addKeyValue("cause", SqlTrouble.sentence(cause))
                    .log("spool cannot be drained now; it is tried again");
        }
    }
}
