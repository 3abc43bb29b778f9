package dev.gantry.budget;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.budget.BudgetEntry.Reserve;
import dev.gantry.budget.BudgetEntry.Settle;
import dev.gantry.budget.SessionKey.Kind;
import dev.gantry.inference.Cancellation;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Three workers' ledgers on one session, each call reserved before and settled after: calls per
 * second beside those without a cap, where calls take {@code -Dlatency} ms (300) and {@code
 * -Din.flight} (300) are under way. No Kafka, no HTTP: what the ledger alone takes. Checks nothing.
 */
class BudgetBenchmark {
    private static final SessionKey SESSION = new SessionKey("acme", Kind.SESSION, "s-1");
    private static final BigDecimal COST = new BigDecimal("0.001");
    private static final BigDecimal CAP = new BigDecimal("1000000");
    private static final int IN_FLIGHT = Integer.getInteger("in.flight", 300);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final Duration LATENCY = Duration.ofMillis(Integer.getInteger("latency", 300));
    private static final Duration ROUND = Duration.ofSeconds(5);

    @Test
    void throughput() throws Exception {
        try (OwnSchema database = new OwnSchema(4)) {
            database.migrate();
            List<HikariDataSource> pools = new ArrayList<>();
            List<BudgetLedger> workers = new ArrayList<>();
            for (int each = 0; each < 3; each++) {
                pools.add(SharedDatabase.pool(2));
                workers.add(new BudgetLedger(pools.getLast(), database.name()));
            }
            for (int round = 0; round <= ROUNDS; round++) {
                double plain = rate(List.of());
                double capped = rate(workers);
                System.out.printf(
                        Locale.ROOT,
                        "%s: %.0f/s without a cap, %.0f/s in one capped session, ratio %.2f%n",
                        round == 0 ? "warm-up" : "round " + round,
                        plain,
                        capped,
                        capped / plain);
            }
            workers.forEach(BudgetLedger::close);
            pools.forEach(HikariDataSource::close);
        }
    }

    private static double rate(List<BudgetLedger> workers) throws Exception {
        long end = System.nanoTime() + ROUND.toNanos();
        long calls = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> callers = new ArrayList<>();
            for (int each = 0; each < IN_FLIGHT; each++) {
                int caller = each;
                callers.add(
                        threads.submit(
                                () ->
                                        workers.isEmpty()
                                                ? uncapped(end)
                                                : capped(workers.get(caller % 3), caller, end)));
            }
            for (Future<Long> each : callers) {
                calls += each.get();
            }
        }
        return calls / (double) ROUND.toSeconds();
    }

    private static long uncapped(long end) {
        long calls = 0;
        for (; System.nanoTime() < end; calls++) {
            LockSupport.parkNanos(LATENCY.toNanos());
        }
        return calls;
    }

    private static long capped(BudgetLedger ledger, int caller, long end)
            throws InterruptedException {
        long calls = 0;
        for (; System.nanoTime() < end; calls++) {
            String id = caller + "~" + System.nanoTime();
            var _ =
                    ledger.reserve(
                                    new Reserve(SESSION, id, COST, CAP),
                                    Duration.ofSeconds(30),
                                    new Cancellation())
                            .orElseThrow();
            LockSupport.parkNanos(LATENCY.toNanos());
            ledger.book(new Settle(SESSION, id, COST));
        }
        return calls;
    }
}
