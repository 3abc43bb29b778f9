package dev.gantry.launch;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.event.Origin;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.CircuitKey;
import dev.gantry.limit.RecordedLimits;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.outbox.SpoolRepair;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What lanes, spool, explain and migrate need: the settings and the database. No Spring context,
 * which would take several times as long as the command itself.
 */
final class DatabaseParts implements AutoCloseable {
    private static final String KEYS = "spring.datasource";

    private final GantrySettings settings;
    private final HikariDataSource database;
    private final String url;

    private DatabaseParts(GantrySettings settings, HikariDataSource database, String url) {
        this.settings = settings;
        this.database = database;
        this.url = url;
    }

    /**
     * Nothing is connected to yet.
     *
     * @throws SilentStart.Failed telling what is wrong in the configuration
     */
    static DatabaseParts of(List<String> args) {
        ConfigurableEnvironment environment = SilentStart.environment(args);
        return SilentStart.guarded(
                () -> {
                    GantrySettings settings = StartChecks.Of.DATABASE.settings(environment, null);
                    HikariDataSource database = pool(environment);
                    return new DatabaseParts(
                            settings, database, environment.getRequiredProperty(KEYS + ".url"));
                });
    }

    /** As Spring Boot makes a worker's. */
    private static HikariDataSource pool(ConfigurableEnvironment environment) {
        HikariDataSource pool = new HikariDataSource();
        pool.setDriverClassName(
                environment.getProperty(KEYS + ".driver-class-name", "org.postgresql.Driver"));
        pool.setJdbcUrl(environment.getRequiredProperty(KEYS + ".url"));
        pool.setUsername(environment.getProperty(KEYS + ".username"));
        pool.setPassword(environment.getProperty(KEYS + ".password"));
        Binder.get(environment).bind(KEYS + ".hikari", Bindable.ofInstance(pool));
        return pool;
    }

    GantrySettings settings() {
        return settings;
    }

    /** Which schema of which database, for messages. */
    String at() {
        return schema().at(url);
    }

    CircuitAdmin circuits() {
        return new CircuitAdmin(database, schema());
    }

    RecordedLanes recordedLanes() {
        return new RecordedLanes(database, schema());
    }

    LanesCommand.Means lanes() {
        return new LanesCommand.Means(
                circuits(),
                recordedLanes(),
                new RecordedLimits(database, schema()),
                listed(),
                at());
    }

    SpoolAdmin spool() {
        SpoolRepair repair =
                new SpoolRepair(
                        database,
                        schema(),
                        settings.topics(),
                        new Origin(settings.deployment(), "operator", "operator"),
                        InstantSource.system());
        return new SpoolAdmin(database, schema(), repair);
    }

    Migration migration() {
        return new Migration(new FleetSchema(database, schema()));
    }

    private SchemaName schema() {
        return settings.database().schema();
    }

    /** Those of the lanes that the command's own configuration lists, if it does. */
    private Set<CircuitKey> listed() {
        Set<CircuitKey> listed = new LinkedHashSet<>();
        LaneCatalog.assumingLists(settings)
                .lanes()
                .forEach(
                        lane -> {
                            listed.add(CircuitKey.ofInstance(lane.id()));
                            listed.add(CircuitKey.ofLane(lane.id()));
                        });
        return listed;
    }

    @Override
    public void close() {
        database.close();
    }
}
