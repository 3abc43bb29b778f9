package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a fleet's shares ask of PostgreSQL: workers that all want one lane, come at one moment, and
 * then go on. Few in the build; {@code -Dworkers=50 -Dseconds=20} prints the figures of the papers.
 */
class QuotaLoadTest {
    private static final int WORKERS = Integer.getInteger("workers", 10);
    private static final int SECONDS = Integer.getInteger("seconds", 2);
    private static final LaneId LANE =
            new LaneId(Tier.CLOUD, "p", "main", ModelType.INFERENCE, "small");

    private final AtomicInteger statements = new AtomicInteger();

    private final class Counted implements QuotaStore {
        private final QuotaStore store;

        Counted(QuotaStore store) {
            this.store = store;
        }

        @Override
        public Shares renew(String worker, List<Ask> asks) {
            statements.incrementAndGet();
            return store.renew(worker, asks);
        }

        @Override
        public Limits limits() {
            statements.incrementAndGet();
            return store.limits();
        }

        @Override
        public void write(String worker, Collection<Written> limits) {
            statements.incrementAndGet();
            store.write(worker, limits);
        }

        @Override
        public void forget(Collection<Written> limits) {
            statements.incrementAndGet();
            store.forget(limits);
        }

        @Override
        public void sweep() {
            statements.incrementAndGet();
            store.sweep();
        }
    }

    @Test
    void aFleetThatComesAtOnceIsSoonAtRest() throws Exception {
        SharedDatabase.Address address = SharedDatabase.address();
        List<FleetLimits> fleet = new ArrayList<>();
        try (OwnSchema schema = new OwnSchema(Math.min(WORKERS, 20));
                Connection ear =
                        DriverManager.getConnection(
                                address.url(), address.username(), address.password());
                Statement statement = ear.createStatement()) {
            schema.migrate();
            statement.execute("listen " + FleetLimits.CHANNEL);
            for (int each = 0; each < WORKERS; each++) {
                fleet.add(worker(each, schema));
            }

            long begun = System.nanoTime();
            fleet.forEach(FleetLimits::start);
            int storm = listenUntilShared(ear, fleet, schema);
            double seconds = (System.nanoTime() - begun) / 1e9;
            int stormStatements = statements.get();
            Rest rest = awaitRest(ear, fleet);

            System.out.printf(
                    Locale.ROOT,
                    "%d workers: all have shares after %.1f s, %d statements, %d notifications heard"
                            + " by %d each; then %.2f statements/s and %.2f notifications/s%n",
                    WORKERS,
                    seconds,
                    stormStatements,
                    storm,
                    WORKERS,
                    rest.statements() / rest.seconds(),
                    rest.notifications() / rest.seconds());
            assertThat(stormStatements).isLessThan(60 * WORKERS);
            assertThat(shared(schema)).isLessThanOrEqualTo(1 + 1e-9);
            assertThat(fleet).allMatch(QuotaLoadTest::mayCall);
            fleet.forEach(FleetLimits::close);
            assertThat(schema.count("quota_share")).isZero();
        }
    }

    private FleetLimits worker(int number, OwnSchema schema) {
        FleetLimits limits =
                new FleetLimits(
                        new Counted(new QuotaTable(schema.pool(), schema.name())),
                        schema.name(),
                        "w%03d".formatted(number),
                        System::nanoTime);
        limits.offer(Map.of(LimitScope.ofLane(LANE), new ConfiguredLimits(600_000L, null, 1_000)));
        LaneQuota.waits(List.of(limits.of(LANE)), 10);
        return limits;
    }

    private static boolean mayCall(FleetLimits limits) {
        return limits.uses().stream().allMatch(use -> use.share() > 0);
    }

    private static double shared(OwnSchema schema) {
        return schema.sql("select coalesce(sum(share), 0) from ${schema}.quota_share")
                .query(Double.class)
                .single();
    }

    private static int listenUntilShared(Connection ear, List<FleetLimits> fleet, OwnSchema schema)
            throws Exception {
        AtomicInteger heard = new AtomicInteger();
        Await.until(
                "all have a share",
                () -> {
                    heard.addAndGet(hear(ear, fleet, 50));
                    return fleet.stream().allMatch(QuotaLoadTest::mayCall) && shared(schema) > 0.9;
                });
        return heard.get();
    }

    private record Rest(int statements, int notifications, double seconds) {}

    /** Some seconds with two statements of each worker in one, as many as they really took. */
    private Rest awaitRest(Connection ear, List<FleetLimits> fleet) throws Exception {
        AtomicReference<Rest> last = new AtomicReference<>();
        Await.until(
                "at rest",
                () -> {
                    Rest rest = listen(ear, fleet);
                    last.set(rest);
                    return rest.statements() <= 2 * WORKERS * rest.seconds();
                });
        return last.get();
    }

    private Rest listen(Connection ear, List<FleetLimits> fleet) throws Exception {
        int before = statements.get();
        int heard = 0;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < SECONDS * 1_000_000_000L) {
            heard += hear(ear, fleet, 50);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return new Rest(statements.get() - before, heard, seconds);
    }

    private static int hear(Connection ear, List<FleetLimits> fleet, int millis) throws Exception {
        PGNotification[] heard = ear.unwrap(PGConnection.class).getNotifications(millis);
        for (PGNotification each : heard) {
            fleet.forEach(limits -> limits.heard(each.getParameter()));
        }
        return heard.length;
    }
}
