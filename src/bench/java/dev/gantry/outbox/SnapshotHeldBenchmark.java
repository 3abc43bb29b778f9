package dev.gantry.outbox;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Locale;

/**
 * How long it takes to take rows from the spool while dead ones are held by somebody's snapshot
 * ({@code -Ddead=2000000}): from the front, as before, and from where this worker knows to begin.
 */
class SnapshotHeldBenchmark {
    private static final int DEAD = Integer.getInteger("dead", 2_000_000);
    private static final int LIVE = 10_000;
    private static final int ROUNDS = 5;

    private static final String FILL =
            """
            insert into ${schema}.spool (topic, key, value, bytes)
            select 'results', 'k', 'v', 2 from generate_series(1, %d)
            """;

    @Test
    void take() throws Exception {
        try (SpoolFixture fixture = SpoolFixture.shared();
                Connection dump = fixture.dataSource().getConnection();
                Connection drain = fixture.dataSource().getConnection();
                Statement dumping = dump.createStatement();
                Statement draining = drain.createStatement()) {
            SpoolTable table = fixture.table();
            draining.execute(fixture.schema().in(FILL.formatted(DEAD)));
            dump.setAutoCommit(false);
            dumping.execute("set transaction isolation level repeatable read");
            dumping.execute("select 1");
            draining.execute(fixture.schema().in("delete from ${schema}.spool"));
            draining.execute(fixture.schema().in(FILL.formatted(LIVE)));
            SpoolReach reach = new SpoolReach();
            long started = System.nanoTime();
            reach.looked(table.front(), started, System.nanoTime());
            System.out.printf(Locale.ROOT, "a look from the front: %.1f ms%n", since(started));
            for (int round = 0; round <= ROUNDS; round++) {
                double front = take(table, 0);
                double behind = take(table, reach.floor("results"));
                System.out.printf(
                        Locale.ROOT,
                        "%s take of 2000 from the front %.1f ms, from the floor %.1f ms%n",
                        round == 0 ? "warm-up" : round,
                        front,
                        behind);
            }
        }
    }

    private static double take(SpoolTable table, long after) {
        long started = System.nanoTime();
        int rows = table.take("results", after, 2_000, 4 << 20).size();
        double took = since(started);
        if (rows != 2_000) {
            throw new AssertionError(rows + " rows");
        }
        return took;
    }

    private static double since(long startedNanos) {
        return (System.nanoTime() - startedNanos) / 1e6;
    }
}
