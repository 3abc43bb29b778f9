package dev.gantry.circuit;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.CircuitTable;
import dev.gantry.circuit.table.NotificationPayload;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.LaneId;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** Several workers' circuits in one process, on one table. */
final class CircuitFleet implements AutoCloseable {
    private final SchemaName schema;
    private final HikariDataSource pool;
    private final StatementWatch watch;
    private final Map<WorkerName, Circuits> workers = new LinkedHashMap<>();
    private final List<CircuitTransition> transitions = new CopyOnWriteArrayList<>();
    private final CircuitSettings settings;
    private final Collection<ScopeMembership> members;

    /** On the shared database, in a schema of its own. */
    CircuitFleet(CircuitSettings settings, Collection<ScopeMembership> members)
            throws InterruptedException {
        this(pool(SharedDatabase.address()), settings, members);
    }

    CircuitFleet(
            HikariDataSource pool, CircuitSettings settings, Collection<ScopeMembership> members)
            throws InterruptedException {
        this.schema = new SchemaName(SharedDatabase.uniqueSchema());
        this.pool = pool;
        this.watch = new StatementWatch(pool);
        this.settings = settings;
        this.members = members;
        new FleetSchema(pool, schema).awaitMigrated();
    }

    static HikariDataSource pool(SharedDatabase.Address address) {
        HikariDataSource pool = address.pool(8);
        pool.setMinimumIdle(0);
        pool.setInitializationFailTimeout(-1);
        return pool;
    }

    /** Joins, and hears: its view is that of the table. */
    Circuits join(String name) throws Exception {
        return join(name, System::nanoTime);
    }

    /**
     * The same.
     *
     * @param ticks its monotonic clock: while it stands, the worker polls nothing
     */
    Circuits join(String name, LongSupplier ticks) throws Exception {
        Circuits worker = start(name, null, ticks);
        awaitSource(worker, CircuitFeed.Source.NOTIFY);
        return worker;
    }

    Circuits start(String name, @Nullable String listenUrl, LongSupplier ticks) {
        Circuits worker = make(WorkerName.of(name), listenUrl, ticks);
        worker.start();
        return worker;
    }

    /** Joins without threads: its passes are made by hand. The others know that it is there. */
    Circuits stand(String name) {
        Circuits worker = make(WorkerName.of(name), null, System::nanoTime);
        live();
        worker.pass();
        return worker;
    }

    private Circuits make(WorkerName name, @Nullable String listenUrl, LongSupplier ticks) {
        Wiring wiring =
                new Wiring(
                        name.id(),
                        new FleetClock(ticks, Instant.now()),
                        new CircuitTable(watch, schema, name.id()),
                        new Wiring.Listening(
                                new ListenSource(watch, listenUrl),
                                new NotificationPayload(schema, name.id())));
        Circuits worker = new Circuits(settings, members, wiring);
        worker.onTransition(transitions::add);
        workers.put(name, worker);
        return worker;
    }

    /** As if the hearts of all who have joined would beat for an hour, however busy they are. */
    void live() {
        for (WorkerName each : workers.keySet()) {
            JdbcClient.create(pool)
                    .sql(
                            schema.in(
                                    """
                                    insert into ${schema}.worker (id, name, version, last_seen)
                                    values (:id, :name, '1', clock_timestamp() + interval '1 hour')
                                    on conflict do nothing
                                    """))
                    .param("id", each.id())
                    .param("name", each.name())
                    .update();
        }
    }

    /** The worker hears that the table has changed, and does what is to be done. */
    static void hear(Circuits standing) {
        standing.news();
        standing.pass();
    }

    CircuitStore store() {
        return new CircuitTable(pool, schema, "test");
    }

    CircuitAdmin admin() {
        return new CircuitAdmin(pool, schema);
    }

    StatementWatch watch() {
        return watch;
    }

    List<CircuitTransition> transitions() {
        return transitions;
    }

    long count(String sql) {
        return JdbcClient.create(pool).sql(schema.in(sql)).query(Long.class).single();
    }

    int update(String sql) {
        return JdbcClient.create(pool).sql(schema.in(sql)).update();
    }

    static void awaitSource(Circuits worker, CircuitFeed.Source source) throws Exception {
        Await.until(source + " is the source", () -> worker.status().source() == source);
    }

    static <T extends LaneAvailability> void await(Circuits worker, LaneId lane, Class<T> standing)
            throws Exception {
        Await.until(
                lane + " is " + standing.getSimpleName(),
                () -> {
                    worker.wanted(lane);
                    return standing.isInstance(worker.availability(lane));
                });
    }

    @Override
    public void close() {
        workers.values().forEach(Circuits::close);
        pool.close();
    }
}
