package dev.gantry.budget;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.budget.SessionKey.Kind;
import dev.gantry.concurrent.Backoff;
import dev.gantry.inference.Cancellation;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Workers that share a session's cap, and what becomes of it when their ways to it break. */
class BudgetLedgerTest {
    private static final SessionKey SESSION = new SessionKey("acme", Kind.SESSION, "s-1");
    private static final Duration LONG = Duration.ofSeconds(30);

    @AutoClose private static final OwnSchema DATABASE = new OwnSchema(5);
    private final Cancellation cancellation = new Cancellation();

    @BeforeAll
    static void migrate() throws InterruptedException {
        DATABASE.migrate();
    }

    @BeforeEach
    void empty() {
        DATABASE.sql("truncate ${schema}.budget_session, ${schema}.budget_reservation").update();
    }

    @Test
    void sixtyAtOnceOnThreeWorkersServeTenAndNeverPassTheCap() throws Exception {
        List<HikariDataSource> pools = new ArrayList<>();
        List<BudgetLedger> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int each = 0; each < 3; each++) {
                pools.add(SharedDatabase.pool(2));
                workers.add(new BudgetLedger(pools.getLast(), DATABASE.name()));
            }
            List<Future<Boolean>> calls = new ArrayList<>();
            for (int each = 0; each < 60; each++) {
                BudgetLedger worker = workers.get(each % 3);
                String id = "r" + each;
                calls.add(threads.submit(() -> granted(worker, id)));
            }
            int served = 0;
            for (Future<Boolean> call : calls) {
                served += call.get() ? 1 : 0;
            }

            assertThat(served).isEqualTo(10);
            assertThat(total()).isEqualByComparingTo("1");
        } finally {
            workers.forEach(BudgetLedger::close);
            pools.forEach(HikariDataSource::close);
        }
    }

    @Test
    void lesson49OfTwoAtOnceWithABudgetForOneOneIsReservedAndOneRefused() throws Exception {
        try (BudgetLedger ledger = ledger();
                BudgetLedger other = ledger()) {
            boolean one = reserve(ledger, "a", "1").orElseThrow().granted();
            boolean two = reserve(other, "b", "1").orElseThrow().granted();

            assertThat(one).isTrue();
            assertThat(two).isFalse();
        }
    }

    @Test
    void aConnectionKilledWhileItSettlesCountsTheCallOnce() throws Exception {
        try (BudgetLedger ledger = ledger()) {
            reserve(ledger, "a", "0.6");
            try (Connection lock = locked()) {
                ledger.book(new Settle(SESSION, "a", usd("0.2")));
                Await.until("the settlement waits", () -> kill() == 1);
                lock.rollback();
            }

            awaitBooked(ledger);
            assertThat(total()).isEqualByComparingTo("0.2");
        }
    }

    @Test
    void whatWasGivenUpHereAndIsBookedThereCountsOnce() throws Exception {
        try (BudgetLedger ledger = ledger()) {
            reserve(ledger, "first", "0.1");
            try (Connection lock = locked()) {
                Optional<Booked> none =
                        ledger.reserve(entry("a", "0.6"), Duration.ofMillis(200), cancellation);
                ledger.book(new Settle(SESSION, "first", usd("0.05")));
                Await.until("it is still asked", () -> blocked() == 1);
                lock.rollback();

                assertThat(none).isEmpty();
            }

            awaitBooked(ledger);
            assertThat(total()).isEqualByComparingTo("0.05");
            assertThat(ledger.answers()).isTrue();
        }
    }

    @Test
    void aCancelledRequestWaitsNoLongerAndLeavesNothingBehind() throws Exception {
        try (BudgetLedger ledger = ledger();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            reserve(ledger, "first", "0.1");
            try (Connection lock = locked()) {
                Future<Optional<Booked>> waiting =
                        threads.submit(() -> reserve(ledger, "a", "0.6"));
                Await.until("the reservation waits", () -> blocked() == 1);

                cancellation.cancel();

                assertThat(waiting.get()).isEmpty();
                lock.rollback();
            }
            awaitBooked(ledger);
            assertThat(total()).isEqualByComparingTo("0.1");
        }
    }

    @Test
    void whoeverIsInterruptedWhileReservingLeavesNothingBehind() throws Exception {
        try (BudgetLedger ledger = ledger()) {
            reserve(ledger, "first", "0.1");
            CountDownLatch interrupted = new CountDownLatch(1);
            try (Connection lock = locked()) {
                Thread request =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                var _ = reserve(ledger, "a", "0.6");
                                            } catch (InterruptedException _) {
                                                interrupted.countDown();
                                            }
                                        });
                Await.until("the reservation waits", () -> blocked() == 1);

                request.interrupt();

                interrupted.await();
                lock.rollback();
            }
            awaitBooked(ledger);
            assertThat(total()).isEqualByComparingTo("0.1");
        }
    }

    @Test
    void nobodyWaitsLongerOnceSomebodyHasWaitedInVain() throws Exception {
        try (BudgetLedger ledger = ledger(Duration.ofMillis(700), LONG);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            reserve("first", "0.1");
            try (Connection lock = locked()) {
                Future<Optional<Booked>> patient =
                        threads.submit(() -> reserve(ledger, "a", "0.3"));
                Await.until("it waits", () -> blocked() == 1);
                Future<Optional<Booked>> next = threads.submit(() -> reserve(ledger, "b", "0.3"));

                assertThat(patient.get()).isEmpty();
                assertThat(next.get()).isEmpty();
                assertThat(ledger.answers()).isFalse();
                lock.rollback();
            }
            awaitBooked(ledger);
            assertThat(ledger.answers()).isTrue();
            assertThat(total()).isEqualByComparingTo("0.1");
        }
    }

    @Test
    void whoeverHasNoTimeLeftSaysNothingOfTheLedger() throws Exception {
        reserve("first", "0.1");
        try (HikariDataSource only = SharedDatabase.pool(1);
                BudgetLedger ledger = ledger(only, LONG)) {
            try (Connection _ = only.getConnection()) {
                Optional<Booked> hurried =
                        ledger.reserve(entry("a", "0.3"), Duration.ofMillis(200), cancellation);

                assertThat(hurried).isEmpty();
                assertThat(ledger.answers()).isTrue();
            }
        }
    }

    @Test
    void whoeverWasNotSentYetSaysNothingOfTheLedger() throws Exception {
        reserve("first", "0.1");
        try (HikariDataSource only = SharedDatabase.pool(1);
                BudgetLedger ledger = ledger(only, Duration.ofMillis(50))) {
            try (Connection _ = only.getConnection()) {
                ledger.book(new Settle(SESSION, "first", usd("0.05")));
                Await.until(
                        "the settlement waits",
                        () -> only.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
                Optional<Booked> behind = reserve(ledger, "a", "0.3");

                assertThat(behind).isEmpty();
                assertThat(ledger.answers()).isTrue();
            }
            awaitBooked(ledger);
            assertThat(total()).isEqualByComparingTo("0.05");
        }
    }

    @Test
    void aSweepThatHangsHoldsUpNobody() throws Exception {
        reserve("old", "0.1");
        DATABASE.sql(
                        """
                        update ${schema}.budget_reservation
                        set settled_at = clock_timestamp() - interval '11 minutes'
                        """)
                .update();
        DATABASE.sql(
                        """
                        create function ${schema}.wait() returns trigger language plpgsql as $$ begin
                            lock table ${schema}.gate;
                            return old;
                        end $$;
                        create table ${schema}.gate ();
                        create trigger gate before delete on ${schema}.budget_reservation
                            for each row execute function ${schema}.wait()
                        """)
                .update();
        try (BudgetLedger ledger = ledger(LONG, Duration.ZERO);
                Connection gate = held("lock table ${schema}.gate")) {
            reserve(ledger, "a", "0.1");
            Await.until("the sweep waits", () -> blocked(SWEEP) == 1);
            Optional<Booked> next =
                    ledger.reserve(entry("b", "0.1"), Duration.ofSeconds(1), cancellation);

            assertThat(next).isPresent();
            gate.rollback();
            Await.until("it goes on", () -> DATABASE.count("budget_reservation") == 2);
        } finally {
            DATABASE.sql("drop function ${schema}.wait() cascade").update();
        }
    }

    /** Of a ledger that answers. */
    private void reserve(String id, String projected) throws InterruptedException {
        try (BudgetLedger ledger = ledger()) {
            assertThat(reserve(ledger, id, projected)).isPresent();
        }
    }

    @Test
    void whatIsStillToBeBookedGoesBeforeTheWorkerStops() throws Exception {
        BudgetLedger ledger = ledger();
        reserve(ledger, "a", "0.6");
        for (int each = 0; each < 700; each++) {
            ledger.book(new Settle(SESSION, "none" + each, usd("0")));
        }
        ledger.book(new Settle(SESSION, "a", usd("0.3")));

        ledger.close();

        assertThat(total()).isEqualByComparingTo("0.3");
    }

    @Test
    void aWorkerThatStopsTriesOnceMoreAtOnce() throws Exception {
        reserve("a", "0.6");
        var hours = new Backoff(Duration.ofHours(1), Duration.ofHours(1));
        var table = new BudgetTable(DATABASE.pool(), DATABASE.name());
        BudgetLedger ledger = new BudgetLedger(table, LONG, hours, LONG, LONG);
        DATABASE.sql("alter function ${schema}.budget_book rename to away").update();
        ledger.book(new Settle(SESSION, "a", usd("0.3")));
        Await.until("it has failed", () -> !ledger.answers());
        DATABASE.sql("alter function ${schema}.away rename to budget_book").update();

        ledger.close();

        assertThat(total()).isEqualByComparingTo("0.3");
    }

    /** Asks again where the database has not answered in time. */
    private boolean granted(BudgetLedger worker, String id) throws InterruptedException {
        Optional<Booked> booked = Optional.empty();
        for (int tries = 1; booked.isEmpty(); tries++) {
            booked = reserve(worker, id + "/" + tries, "0.1");
        }
        return booked.get().granted();
    }

    private Optional<Booked> reserve(BudgetLedger ledger, String id, String projected)
            throws InterruptedException {
        return ledger.reserve(entry(id, projected), LONG, cancellation);
    }

    private static Reserve entry(String id, String projected) {
        return new Reserve(SESSION, id, usd(projected), usd("1"));
    }

    private static BudgetLedger ledger() {
        return ledger(LONG, LONG);
    }

    private static BudgetLedger ledger(Duration patience, Duration sweepEvery) {
        return ledger(DATABASE.pool(), patience, sweepEvery);
    }

    /** A pool without a free connection keeps it waiting, and no time of the database's ends it. */
    private static BudgetLedger ledger(HikariDataSource pool, Duration patience) {
        pool.setConnectionTimeout(Duration.ofMinutes(10).toMillis());
        return ledger(pool, patience, LONG);
    }

    private static BudgetLedger ledger(
            HikariDataSource pool, Duration patience, Duration sweepEvery) {
        return new BudgetLedger(
                new BudgetTable(pool, DATABASE.name()),
                patience,
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2)),
                sweepEvery,
                LONG);
    }

    private static void awaitBooked(BudgetLedger ledger) throws Exception {
        Await.until(
                "all is booked",
                () -> {
                    // Its lock, or an answer to something else could complete the wait meanwhile.
                    synchronized (ledger) {
                        return ledger.answer(LONG).isDone();
                    }
                });
    }

    private BigDecimal total() {
        return BudgetTableTest.sums(DATABASE, SESSION).total();
    }

    /** The session's row held by another hand. */
    private static Connection locked() throws SQLException {
        return held("select * from ${schema}.budget_session for update");
    }

    private static Connection held(String statement) throws SQLException {
        Connection connection = DATABASE.pool().getConnection();
        connection.setAutoCommit(false);
        try (Statement locks = connection.createStatement()) {
            locks.execute(DATABASE.name().in(statement));
        }
        return connection;
    }

    private static final String BOOK = "${schema}.budget_book";
    private static final String SWEEP = "delete from ${schema}.budget_reservation";

    private static final String BLOCKED =
            """
            from pg_stat_activity
            where wait_event_type = 'Lock' and position(:text in query) > 0
            """;

    private static int blocked() {
        return blocked(BOOK);
    }

    private static int blocked(String statement) {
        return DATABASE.sql("select count(*) " + BLOCKED)
                .param("text", DATABASE.name().in(statement))
                .query(Integer.class)
                .single();
    }

    private static int kill() {
        return DATABASE.sql("select count(pg_terminate_backend(pid)) " + BLOCKED)
                .param("text", DATABASE.name().in(BOOK))
                .query(Integer.class)
                .single();
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
