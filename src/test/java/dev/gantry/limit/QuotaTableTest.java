package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.limit.QuotaStore.Ask;
import dev.gantry.limit.QuotaStore.Written;
import dev.gantry.limit.ScopeLimits.Known;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The statements, on a real PostgreSQL. */
class QuotaTableTest {
    private static final LimitScope SCOPE = new LimitScope("p:main:inference:small");
    private static final LimitScope OTHER = new LimitScope("p:main");

    private static OwnSchema schema;
    private static QuotaTable table;

    @BeforeAll
    static void migrate() throws InterruptedException {
        schema = new OwnSchema(8);
        schema.migrate();
        table = new QuotaTable(schema.pool(), schema.name());
    }

    @AfterAll
    static void close() {
        schema.close();
    }

    @BeforeEach
    void empty() {
        schema.sql("delete from ${schema}.quota_share").update();
        schema.sql("delete from ${schema}.quota").update();
    }

    @Test
    void sharesAsTheModelInMemoryDoes() {
        long seed = Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));
        Random random = new Random(seed);
        TickingClock clock = new TickingClock();
        MemoryQuotas memory = new MemoryQuotas(clock);
        Instant before = null;
        for (int step = 0; step < 200; step++) {
            if (random.nextInt(8) == 0) {
                pass(Duration.ofSeconds(random.nextInt(30)), clock);
            }
            String worker = "w" + random.nextInt(5);
            List<Ask> asks = List.of(ask(SCOPE, random), ask(OTHER, random));

            QuotaStore.Shares answer = table.renew(worker, asks);
            // However long the steps take: leases end by the table's time in both.
            clock.advance(before == null ? Duration.ZERO : Duration.between(before, answer.at()));
            before = answer.at();
            memory.renew(worker, asks);

            for (LimitScope scope : List.of(SCOPE, OTHER)) {
                assertThat(sorted(answer.of(scope)))
                        .as("seed %d, step %d", seed, step)
                        .usingRecursiveComparison()
                        .withComparatorForType(
                                Comparator.comparingDouble(each -> Math.round(each * 1e9)),
                                Double.class)
                        .isEqualTo(sorted(memory.rows(scope)));
                double held = answer.of(scope).stream().mapToDouble(ShareRow::held).sum();
                assertThat(held).as("seed %d", seed).isLessThanOrEqualTo(1 + 1e-9);
            }
        }
    }

    /** Time that passes in the table, too. */
    private static void pass(Duration time, TickingClock clock) {
        clock.advance(time);
        schema.sql(
                        "update ${schema}.quota_share"
                                + " set renewed_at = renewed_at - make_interval(secs => :secs)")
                .param("secs", time.toSeconds())
                .update();
    }

    private static Ask ask(LimitScope scope, Random random) {
        boolean wants = random.nextInt(6) > 0;
        int underWay = random.nextInt(3);
        return new Ask(
                scope,
                wants ? 1 + random.nextInt(20) : 0,
                wants ? random.nextDouble() : 0,
                underWay + random.nextInt(4),
                underWay,
                scope.equals(SCOPE) ? 8 : null);
    }

    private static List<ShareRow> sorted(List<ShareRow> rows) {
        return rows.stream().sorted(Comparator.comparing(ShareRow::worker)).toList();
    }

    /** All ask for the whole at one moment: the lock lets one have it. */
    @Test
    void neverGivesMoreThanTheWholeHoweverManyAskAtOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService all = Executors.newFixedThreadPool(8)) {
            for (int each = 0; each < 8; each++) {
                String worker = "w" + each;
                var _ =
                        all.submit(
                                () -> {
                                    go.await();
                                    return table.renew(
                                            worker, List.of(new Ask(SCOPE, 5, 0.4, 3, 0, 7)));
                                });
            }
            go.countDown();
        }

        List<ShareRow> rows = table.renew("w0", List.of(new Ask(SCOPE, 5, 0.4, 3, 0, 7))).of(SCOPE);

        assertThat(rows).hasSize(8);
        assertThat(rows.stream().mapToDouble(ShareRow::share).sum()).isBetween(1 - 1e-9, 1 + 1e-9);
        assertThat(rows.stream().mapToInt(ShareRow::calls).sum()).isEqualTo(7);
    }

    @Test
    void tellsTheOthersOnlyWhatIsNews() throws Exception {
        try (Connection ear = listening()) {

            table.renew("a", List.of(new Ask(SCOPE, 5, 1, 0, 0, null)));
            assertThat(heard(ear)).as("a has what it wishes").isEmpty();

            table.renew("b", List.of(new Ask(SCOPE, 5, 0.5, 0, 0, null)));
            table.renew("b", List.of(new Ask(SCOPE, 5, 0.5, 0, 0, null)));
            assertThat(heard(ear)).as("b lacks, and says so once").hasSize(1);

            table.renew("a", List.of(new Ask(SCOPE, 5, 1, 0, 0, null)));
            assertThat(heard(ear)).as("a gives nothing back").isEmpty();

            table.renew("a", List.of(new Ask(SCOPE, 5, 0.5, 0, 0, null)));
            assertThat(heard(ear))
                    .as("a has given back what b lacks")
                    .containsExactly(schema.name() + " shares a");

            table.renew("b", List.of(new Ask(SCOPE, 5, 0.5, 0, 0, null)));
            table.renew("a", List.of(new Ask(SCOPE, 0, 0, 0, 0, null)));
            assertThat(heard(ear)).as("nobody lacks anything").isEmpty();
        }
    }

    @Test
    void keepsLimitsThatWereToldUntilTheyAreForgotten() throws Exception {
        try (Connection ear = listening()) {
            Written told = written(600, LimitSource.HEADER, Duration.ofHours(1));

            table.write("a", List.of(told));
            assertThat(heard(ear)).containsExactly(schema.name() + " limits a");
            assertThat(table.limits().told())
                    .isEqualTo(Map.of(SCOPE, Map.of(told.dimension(), told.known())));

            table.write("b", List.of(written(615, LimitSource.HEADER, Duration.ofHours(1))));
            assertThat(heard(ear)).as("a change of less than a twentieth").isEmpty();

            schema.sql("update ${schema}.quota set reset_at = now() - interval '1 second'")
                    .update();
            assertThat(table.limits().told()).isEmpty();
            table.sweep();
            assertThat(schema.count("quota")).isZero();
        }
    }

    @Test
    void whatAnOperatorHasSetStands() {
        Written set = written(500, LimitSource.CONFIGURED, null);

        table.write("a", List.of(set));
        table.write("b", List.of(written(900, LimitSource.HEADER, Duration.ofHours(1))));

        assertThat(schema.sql("select \"limit\" from ${schema}.quota").query(Double.class).single())
                .isEqualTo(500);
        table.forget(List.of(set));
        assertThat(schema.count("quota")).isZero();
    }

    /** Other releases may know more than this one. */
    @Test
    void passesOverWhatItDoesNotKnow() {
        schema.sql(
                        "insert into ${schema}.quota values"
                                + " ('p:main', 'images-per-day', 5, 'header', now() + interval '1 h')")
                .update();

        assertThat(table.limits().told()).isEmpty();
    }

    private static Written written(double limit, LimitSource source, @Nullable Duration kept) {
        return new Written(
                SCOPE, LimitDimension.REQUESTS_PER_MINUTE, new Known(limit, source), kept);
    }

    private static Connection listening() throws SQLException {
        Connection ear =
                DriverManager.getConnection(
                        SharedDatabase.address().url(),
                        SharedDatabase.address().username(),
                        SharedDatabase.address().password());
        try (Statement statement = ear.createStatement()) {
            statement.execute("listen " + QuotaTable.CHANNEL);
        }
        return ear;
    }

    /** A statement brings what was said before it; other tests' workers say something too. */
    private static List<String> heard(Connection ear) throws SQLException {
        try (Statement statement = ear.createStatement()) {
            statement.execute("select 1");
        }
        PGNotification[] heard = ear.unwrap(PGConnection.class).getNotifications(1);
        return heard == null
                ? List.of()
                : Arrays.stream(heard)
                        .map(PGNotification::getParameter)
                        .filter(each -> each.startsWith(schema.name() + " "))
                        .toList();
    }
}
