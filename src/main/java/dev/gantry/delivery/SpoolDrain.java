package dev.gantry.delivery;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

/**
 * Publishes what is in the spool, whoever wrote it: takes rows, sends them, and deletes those that
 * the broker has, all in one transaction. Whoever dies in between has published some of them twice,
 * and lost none.
 *
 * <p>While the broker is down this is the probe: a few real records at a time.
 */
final class SpoolDrain {
    private static final Logger log = LoggerFactory.getLogger(SpoolDrain.class);

    private static final int ROWS = 2000;
    private static final long BYTES = 4 << 20;

    /** Keys of several partitions, so that one partition without a leader does not block all. */
    private static final int PROBES = 16;

    /** A transaction is over by then, or the database ends it. */
    private static final Duration WITHIN = Duration.ofSeconds(60);

    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Outlet.Backoff PROBING =
            new Outlet.Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    private static final Outlet.Backoff RESTING =
            new Outlet.Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final Backlog backlog;
    private final SpoolTable table;
    private final SpoolShuttle shuttle;
    private final SpoolCounts counts;
    private final Pace pace;
    private final TransactionTemplate transactions;

    /** How far each topic that gives trouble was looked through, and when it is tried again. */
    private final Map<String, Rest> rests = new HashMap<>();

    /** Which topic's turn it is to be tried while the broker is down. */
    private int turn;

    /** What had been spooled here when the broker was last seen to answer. */
    private long spooledBefore;

    private Duration probing = PROBING.first();
    private boolean troubled;

    SpoolDrain(
            Backlog backlog,
            SpoolTable table,
            DataSource dataSource,
            SpoolShuttle shuttle,
            SpoolCounts counts,
            Pace pace) {
        this.backlog = backlog;
        this.table = table;
        this.shuttle = shuttle;
        this.counts = counts;
        this.pace = pace;
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    }

    private record Rest(long untilNanos, Duration pause, long after, int rows) {
        /** It takes records again; what failed before is tried once the others have gone. */
        Rest over() {
            return new Rest(untilNanos, RESTING.first(), after, ROWS);
        }
    }

    /** One batch of each topic, and the pause that is due. */
    void step() throws InterruptedException {
        boolean wasDown = backlog.downSince() != null;
        int moved;
        try {
            moved = drainOnce();
            troubled = false;
        } catch (RuntimeException e) {
            trouble(e);
            moved = 0;
        }
        if (wasDown && backlog.downSince() != null) {
            Thread.sleep(probing);
            probing = PROBING.after(probing);
            return;
        }
        probing = PROBING.first();
        if (moved == 0) {
            Thread.sleep(IDLE);
        }
    }

    /** One batch of each topic that is not at rest; returns how many rows have gone. */
    int drainOnce() throws InterruptedException {
        int moved = 0;
        for (String topic : due()) {
            Rest rest = rests.get(topic);
            if (rest != null && System.nanoTime() - rest.untilNanos() < 0) {
                continue;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long started = System.nanoTime();
            SpoolShuttle.Landing landing = batch(topic, rest);
            moved += landing.settled();
            if (backlog.downSince() != null) {
                return moved;
            }
            Thread.sleep(pace.after(Duration.ofNanos(System.nanoTime() - started), landing));
        }
        return moved;
    }

    /** The topics with records; while the broker is down in another order each time. */
    private List<String> due() {
        boolean down = backlog.downSince() != null;
        long spooled = counts.spooled().get(); // before the look: these are there, or were
        List<String> topics = new ArrayList<>(table.topics());
        if (!down) {
            spooledBefore = spooled;
        } else if (!topics.isEmpty()) {
            Collections.rotate(topics, -turn++);
        } else if (spooled > spooledBefore) {
            // With nothing to try, this worker would call the broker down for ever.
            backlog.tookElsewhere();
        }
        return topics;
    }

    private SpoolShuttle.Landing batch(String topic, @Nullable Rest rest) {
        long after = rest == null ? 0 : rest.after();
        int rows = rest == null ? ROWS : rest.rows();
        int most = backlog.downSince() == null ? rows : PROBES;
        SpoolShuttle.Landing landing =
                transactions.execute(_ -> move(table.take(topic, after, most, BYTES, WITHIN)));
        counts.drained().addAndGet(landing.landed().size());
        counts.poison().addAndGet(landing.refused().size());
        judge(topic, rest, landing);
        return landing;
    }

    private SpoolShuttle.Landing move(List<SpoolEntry.Stored> rows) {
        SpoolShuttle.Landing landing = shuttle.send(rows, WITHIN);
        if (!landing.landed().isEmpty()) {
            table.delete(landing.landed());
        }
        landing.refused().forEach(table::setAside);
        return landing;
    }

    /**
     * After trouble the topic rests, and is then looked at behind what failed: the keys of one
     * partition without a leader do not hold up the others.
     */
    private void judge(String topic, @Nullable Rest rest, SpoolShuttle.Landing landing) {
        if (landing.failure() == null) {
            rests.computeIfPresent(topic, (_, each) -> landing.rows() == 0 ? null : each.over());
            return;
        }
        if (backlog.downSince() != null) {
            // Not the topic's trouble, or that of a few: next time those behind them are tried.
            rests.put(
                    topic, new Rest(System.nanoTime(), RESTING.first(), landing.lastId(), PROBES));
            return;
        }
        Duration pause = rest == null ? RESTING.first() : RESTING.after(rest.pause());
        if (rest == null) {
            log.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("cause", landing.failure())
                    .log("topic takes no records from the spool; it is tried again");
        }
        long until = System.nanoTime() + pause.toNanos();
        rests.put(topic, new Rest(until, pause, landing.lastId(), PROBES));
    }

    private void trouble(RuntimeException cause) {
        if (!troubled) {
            troubled = true;
            log.atWarn()
                    .addKeyValue("cause", cause.toString())
                    .log("spool cannot be drained now; it is tried again");
        }
    }
}
