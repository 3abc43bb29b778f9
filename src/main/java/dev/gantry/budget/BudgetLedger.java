package dev.gantry.budget;

import dev.gantry.budget.BudgetEntry.Look;
import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.concurrent.Backoff;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.Cancellation;
import dev.gantry.memory.Exhaustion;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

/**
 * A worker's way to the shared ledger. What its requests book while one statement is under way goes
 * with the next, reservations and settlements together: a call costs one round trip at most, and
 * under load many calls share one. Nothing runs while nobody books.
 */
public final class BudgetLedger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BudgetLedger.class);
    private static final int LONGEST_BATCH = 500;
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(1);

    /** A deadline beyond it is as good as none. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final BudgetTable table;
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    /** What is still to be booked, in order; guarded by this. */
    private final Deque<Pending> queue = new ArrayDeque<>();

    /** Whether a thread books; guarded by this. */
    private boolean booking;

    /** Whether the last statement failed. */
    private volatile boolean silent;

    private final CountDownLatch closed = new CountDownLatch(1);

    /** Only the booking thread uses it; it is handed on under this. */
    private long swept = System.nanoTime();

    /** An entry on its way. */
    private static final class Pending {
        final BudgetEntry entry;
        final CountDownLatch over = new CountDownLatch(1);

        /** Guarded by the ledger. */
        @Nullable Booked answer;

        /** Whether the database may have booked it already; guarded by the ledger. */
        boolean sent;

        Pending(BudgetEntry entry) {
            this.entry = entry;
        }
    }

    public BudgetLedger(DataSource dataSource, SchemaName schema) {
        this(new BudgetTable(dataSource, schema));
    }

    BudgetLedger(BudgetTable table) {
        this.table = table;
    }

    /**
     * Whether the database has answered last: if not, nobody need wait for it with a lane's slot.
     */
    boolean answers() {
        return !silent;
    }

    /**
     * Sets a projection aside, waiting for the ledger so long at most; given up, it is released.
     *
     * @return empty: no answer came, or the request was cancelled
     */
    Optional<Booked> reserve(Reserve entry, Duration patience, Cancellation cancellation)
            throws InterruptedException {
        Pending pending = add(entry);
        await(pending, patience, cancellation);
        synchronized (this) {
            if (pending.answer != null) {
                return Optional.of(pending.answer);
            }
            if (pending.sent || !queue.remove(pending)) {
                // It may stand: the next statement takes it back, in this order.
                add(new Settle(entry.session(), entry.id(), BigDecimal.ZERO));
            }
            return Optional.empty();
        }
    }

    /** Waits until the ledger answers; false: not in time, or cancelled. */
    boolean awaitAnswer(SessionKey session, Duration patience, Cancellation cancellation)
            throws InterruptedException {
        Pending pending = add(new Look(session));
        await(pending, patience, cancellation);
        synchronized (this) {
            queue.remove(pending);
            return pending.answer != null;
        }
    }

    /** Books without waiting: with the next statement, however long the database is away. */
    void book(BudgetEntry entry) {
        var _ = add(entry);
    }

    private static void await(Pending pending, Duration patience, Cancellation cancellation)
            throws InterruptedException {
        try (var _ = cancellation.onCancel(pending.over::countDown)) {
            Duration bounded = patience.compareTo(LONGEST) < 0 ? patience : LONGEST;
            var _ = pending.over.await(bounded.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized Pending add(BudgetEntry entry) {
        var pending = new Pending(entry);
        queue.add(pending);
        if (!booking) {
            booking = true;
            var _ = Thread.ofVirtual().name("gantry-budget").start(this::work);
        }
        return pending;
    }

    /** Until nothing is left to book. */
    private void work() {
        int failures = 0;
        for (List<Pending> batch = next(); !batch.isEmpty(); batch = next()) {
            List<Booked> answers = booked(batch);
            if (answers != null) {
                failures = 0;
                answered(batch, answers);
                sweep();
            } else if (rest(backoff.after(++failures))) {
                return;
            }
        }
    }

    /** Null: they stand in the queue again, and may have been booked. */
    private @Nullable List<Booked> booked(List<Pending> batch) {
        try {
            return table.book(batch.stream().map(each -> each.entry).toList());
        } catch (Throwable e) {
            Exhaustion.check(e);
            again(batch);
            failed(e);
            return null;
        }
    }

    private synchronized List<Pending> next() {
        List<Pending> batch = new ArrayList<>();
        while (!queue.isEmpty() && batch.size() < LONGEST_BATCH) {
            Pending pending = queue.remove();
            pending.sent = true;
            batch.add(pending);
        }
        if (batch.isEmpty()) {
            booking = false;
            notifyAll();
        }
        return batch;
    }

    private synchronized void answered(List<Pending> batch, List<Booked> answers) {
        for (int each = 0; each < batch.size(); each++) {
            batch.get(each).answer = answers.get(each);
            batch.get(each).over.countDown();
        }
        if (silent) {
            silent = false;
            LOG.info("the budget ledger answers again");
        }
    }

    private synchronized void again(List<Pending> batch) {
        batch.reversed().forEach(queue::addFirst);
    }

    private void failed(Throwable e) {
        if (!silent) {
            silent = true;
            LOG.atWarn()
                    .addKeyValue("cause", SqlTrouble.sentence(e))
                    .log("the budget ledger does not answer: capped requests wait");
        }
    }

    /** True: the worker has stopped. */
    private boolean rest(Duration pause) {
        try {
            return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void sweep() {
        if (System.nanoTime() - swept < SWEEP_EVERY.toNanos()) {
            return;
        }
        swept = System.nanoTime();
        try {
            table.forgetSettled(BudgetTable.SETTLED_KEPT);
            table.forgetSessions(BudgetTable.SESSION_KEPT);
        } catch (DataAccessException e) {
            LOG.atDebug().setCause(e).log("old budget rows stay a while longer");
        }
    }

    /** Lets what is still to be booked go; what the database does not take stays reserved. */
    @Override
    public synchronized void close() {
        long until = System.nanoTime() + LAST_WORDS.toNanos();
        try {
            for (long left = LAST_WORDS.toNanos(); booking && left > 0; ) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = until - System.nanoTime();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        closed.countDown();
    }
}
