package dev.gantry.circuit;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.CircuitTable;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.LaneId;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Several workers' circuits in one process, on one table. */
final class CircuitFleet implements AutoCloseable {
    private final SchemaName schema;
    private final HikariDataSource pool;
    private final StatementWatch watch;
    private final List<Circuits> workers = new ArrayList<>();
    private final List<WorkerHeartbeat> hearts = new ArrayList<>();
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
        new FleetSchema(pool, schema).migrate();
    }

    static HikariDataSource pool(SharedDatabase.Address address) {
        HikariDataSource pool = address.pool(8);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(1_000);
        pool.setInitializationFailTimeout(-1);
        return pool;
    }

    /** Joins, and hears: its view is that of the table. */
    Circuits join(String name) throws Exception {
        Circuits worker = start(name, null);
        awaitSource(worker, CircuitFeed.Source.NOTIFY);
        return worker;
    }

    /** The same, with a heart that beats: the others know that it is there to be asked. */
    Circuits joinAlive(String name) throws Exception {
        WorkerName id = WorkerName.of(name);
        WorkerHeartbeat heart = new WorkerHeartbeat(pool, schema, id, "1", List::of);
        heart.start();
        hearts.add(heart);
        Await.until("its heart beats", heart::heard);
        Circuits worker = start(id, null);
        awaitSource(worker, CircuitFeed.Source.NOTIFY);
        return worker;
    }

    Circuits start(String name, @Nullable String listenUrl) {
        return start(WorkerName.of(name), listenUrl);
    }

    private Circuits start(WorkerName name, @Nullable String listenUrl) {
        Circuits worker =
                Circuits.shared(
                        settings,
                        members,
                        name,
                        watch,
                        new DatabaseSettings(schema, listenUrl),
                        InstantSource.system());
        worker.onTransition(transitions::add);
        worker.start();
        workers.add(worker);
        return worker;
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
        workers.forEach(Circuits::close);
        hearts.forEach(WorkerHeartbeat::close);
        pool.close();
    }
}
