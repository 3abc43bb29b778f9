package dev.gantry.endtoend;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.OperatorAction.Deed;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

import javax.sql.DataSource;

/** An operator beside the fleet, who reads and moves the circuits by SQL alone. */
final class CircuitDesk {
    private static final String PROBING =
            """
            select lease_owner from ${schema}.circuit where key = :key and lease_owner is not null
            """;

    private final DataSource database;
    private final SchemaName schema;
    private final CircuitAdmin admin;

    CircuitDesk(Fleet fleet) {
        this.database =
                new DriverManagerDataSource(
                        fleet.property("spring.datasource.url"),
                        fleet.property("spring.datasource.username"),
                        fleet.property("spring.datasource.password"));
        this.schema = new SchemaName(fleet.property("gantry.database.schema"));
        this.admin = new CircuitAdmin(database, schema);
    }

    /** Empty for a circuit that has never moved. */
    Optional<CircuitStatus> status(String key) {
        return admin.rows().stream().filter(each -> each.key().value().equals(key)).findFirst();
    }

    CircuitStatus await(String key, StateLabel state) throws Exception {
        return await(key, key + " is " + state, each -> each.state().name() == state);
    }

    CircuitStatus await(String key, String what, Predicate<CircuitStatus> enough) throws Exception {
        AtomicReference<CircuitStatus> seen = new AtomicReference<>();
        Await.until(
                what,
                () -> {
                    Optional<CircuitStatus> now = status(key).filter(enough);
                    now.ifPresent(seen::set);
                    return now.isPresent();
                });
        return Objects.requireNonNull(seen.get());
    }

    /** The worker that holds the probe; empty while nobody does. */
    Optional<String> probeOwner(String key) {
        return JdbcClient.create(database)
                .sql(schema.in(PROBING))
                .param("key", key)
                .query(String.class)
                .optional();
    }

    /** Its last heartbeat. */
    Instant lastSeen(String worker) {
        return JdbcClient.create(database)
                .sql(schema.in("select last_seen from ${schema}.worker where id = :worker"))
                .param("worker", worker)
                .query(OffsetDateTime.class)
                .single()
                .toInstant();
    }

    List<CircuitTransition> open(String target, Duration time) {
        return act(target, new OperatorAction.Open(time));
    }

    List<CircuitTransition> deny(String target) {
        return act(target, new OperatorAction.Deny());
    }

    List<CircuitTransition> reset(String target) {
        return act(target, new OperatorAction.Reset());
    }

    private List<CircuitTransition> act(String target, Deed deed) {
        CircuitTarget meant = new CircuitTarget(target);
        return admin.operate(new OperatorAction(meant, deed, "a test", "tester"), Set.of());
    }
}
