package dev.gantry.budget;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

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

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    /** With a slot in hand; no statement that answers takes longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final BudgetTable table;
    private final Duration patience;
    private final Duration sweepEvery;
    private final Duration lastWords;
    private final Backoff backoff;

    /** What is still to be booked, in order; guarded by this. */
    private final Deque<Pending> queue = new ArrayDeque<>();

    /** Whether a thread books; guarded by this. */
    private boolean booking;

    /** Requests that wait for an answer, to whatever; guarded by this. */
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();

    /** Whether the last statement failed, or somebody's patience with it has ended. */
    private volatile boolean silent;

    private final CountDownLatch closing = new CountDownLatch(1);

    /** Only the booking thread uses it; it is handed on under this. */
    private long swept = System.nanoTime();

    /** One at a time; it holds up nobody. */
    private final AtomicBoolean sweeping = new AtomicBoolean();

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
        this(new BudgetTable(dataSource, schema), PATIENCE, BACKOFF, SWEEP_EVERY, LAST_WORDS);
    }

    /**
     * @param patience of whoever reserves; then the ledger is taken for silent
     * @param lastWords of whoever closes it
     */
    BudgetLedger(
            BudgetTable table,
            Duration patience,
            Backoff backoff,
            Duration sweepEvery,
            Duration lastWords) {
        this.table = table;
        this.patience = patience;
        this.backoff = backoff;
        this.sweepEvery = sweepEvery;
        this.lastWords = lastWords;
    }

    /**
     * Whether the database has answered last: if not, nobody need wait for it with a lane's slot.
     */
    public boolean answers() {
        return !silent;
    }

    /**
     * Sets a projection aside. Waits two seconds at most, and no longer than until it is known that
     * the ledger does not answer; given up, it is released.
     *
     * @param left how long the request itself can wait
     * @return empty: no answer came, or the request was cancelled
     */
    Optional<Booked> reserve(Reserve entry, Duration left, Cancellation cancellation)
            throws InterruptedException {
        boolean hurried = left.compareTo(patience) < 0;
        Pending pending = add(entry);
        boolean woken;
        try (var _ = cancellation.onCancel(pending.over::countDown)) {
            long millis = (hurried ? left : patience).toMillis();
            woken = pending.over.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            takeBack(pending);
            throw e;
        }
        synchronized (this) {
            if (pending.answer != null) {
                return Optional.of(pending.answer);
            }
            // Whoever has no time, or stands behind others, says nothing of the database.
            if (!woken && !hurried && pending.sent) {
                failed("no answer within " + patience.toMillis() + " ms");
            }
            takeBack(pending);
        }
        return Optional.empty();
    }

    /** Where it may stand, the next statement takes it back, in this order. */
    private synchronized void takeBack(Pending pending) {
        if (pending.sent || !queue.remove(pending)) {
            book(new Settle(pending.entry.session(), pending.entry.id(), BigDecimal.ZERO));
        }
    }

    /** Complete once the database has answered anything, or after so long. */
    CompletableFuture<Void> answer(Duration left) {
        var wait = new CompletableFuture<Void>();
        synchronized (this) {
            if (!booking) {
                return CompletableFuture.completedFuture(null);
            }
            waits.add(wait);
        }
        Duration longest = left.compareTo(LONGEST) < 0 ? left : LONGEST;
        return wait.completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Books without waiting: with the next statement, however long the database is away. */
    void book(BudgetEntry entry) {
        var _ = add(entry);
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
            boolean last = closing.getCount() == 0;
            List<Booked> answers = booked(batch);
            if (answers != null) {
                failures = 0;
                answered(batch, answers);
                startSweep();
            } else if (last || interrupted(backoff.after(++failures))) {
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
            failed(SqlTrouble.sentence(e));
            return null;
        }
    }

    private List<Pending> next() {
        List<Pending> batch = new ArrayList<>();
        List<CompletableFuture<Void>> woken;
        synchronized (this) {
            while (!queue.isEmpty() && batch.size() < LONGEST_BATCH) {
                Pending pending = queue.remove();
                pending.sent = true;
                batch.add(pending);
            }
            if (!batch.isEmpty()) {
                return batch;
            }
            booking = false;
            notifyAll();
            woken = woken();
        }
        woken.forEach(each -> each.complete(null));
        return batch;
    }

    private void answered(List<Pending> batch, List<Booked> answers) {
        List<CompletableFuture<Void>> woken;
        synchronized (this) {
            for (int each = 0; each < batch.size(); each++) {
                batch.get(each).answer = answers.get(each);
                batch.get(each).over.countDown();
            }
            woken = woken();
        }
        woken.forEach(each -> each.complete(null));
    }

    /** Nothing is under way that is not answered: whoever waited asks again. Holds this. */
    private List<CompletableFuture<Void>> woken() {
        if (silent) {
            silent = false;
            LOG.info("the budget ledger answers again");
        }
        List<CompletableFuture<Void>> woken = List.copyOf(waits);
        waits.clear();
        return woken;
    }

    private synchronized void again(List<Pending> batch) {
        batch.reversed().forEach(queue::addFirst);
    }

    /** Nobody waits for it with a slot any more. */
    private synchronized void failed(String cause) {
        queue.forEach(each -> each.over.countDown());
        waits.removeIf(CompletableFuture::isDone);
        if (!silent && booking) {
            silent = true;
            LOG.atWarn()
                    .addKeyValue("cause", cause)
                    .log("the budget ledger does not answer: capped requests wait");
        }
    }

    /** Rests, unless the worker stops. */
    private boolean interrupted(Duration pause) {
        try {
            var _ = closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** On a thread of its own: nobody waits for it, however long it takes. */
    private void startSweep() {
        if (System.nanoTime() - swept >= sweepEvery.toNanos()
                && sweeping.compareAndSet(false, true)) {
            swept = System.nanoTime();
            var _ = Thread.ofVirtual().name("gantry-budget-sweep").start(this::sweep);
        }
    }

    private void sweep() {
        try {
            table.sweep();
        } catch (DataAccessException e) {
            LOG.atDebug().setCause(e).log("old budget rows stay a while longer");
        } finally {
            sweeping.set(false);
        }
    }

    /**
     * Lets what is still to be booked go, with one more try; what the database does not take stays
     * reserved.
     */
    @Override
    public synchronized void close() {
        closing.countDown();
        long until = System.nanoTime() + lastWords.toNanos();
        try {
            for (long left = lastWords.toNanos(); booking && left > 0; ) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = until - System.nanoTime();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
