package dev.gantry.fleet;

import dev.gantry.fleet.SchemaState.Busy;
import dev.gantry.fleet.SchemaState.NotAllowed;
import dev.gantry.fleet.SchemaState.Ready;
import dev.gantry.fleet.SchemaState.Unknown;
import dev.gantry.fleet.SchemaState.Unreachable;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

/** Brings the schema up to date: one worker migrates while the others wait for it. */
public final class FleetSchema {
    private static final Logger LOG = LoggerFactory.getLogger(FleetSchema.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** Held by the transaction, not by the session: a pooler hands sessions around. */
    private static final String GATE = "select pg_try_advisory_xact_lock(hashtextextended(?, 0))";

    private final DataSource dataSource;
    private final SchemaName schema;

    private volatile SchemaState state = new Unknown();

    public FleetSchema(DataSource dataSource, SchemaName schema) {
        this.dataSource = new MigrationConnections(dataSource);
        this.schema = schema;
    }

    /** For readiness; never blocks. */
    public SchemaState state() {
        return state;
    }

    /**
     * Tries until the schema is up to date: an absent database and a missing right are waited for.
     *
     * @throws SchemaException if a migration fails or the history contradicts this release
     */
    public void awaitMigrated() throws InterruptedException {
        Duration wait = FIRST_WAIT;
        SchemaState now = migrate();
        while (!(now instanceof Ready)) {
            Thread.sleep(wait);
            Duration twice = wait.multipliedBy(2);
            wait = twice.compareTo(LONGEST_WAIT) < 0 ? twice : LONGEST_WAIT;
            now = migrate();
        }
    }

    /**
     * One try: runs what is owed, waiting while another worker does; never returns {@link Busy}.
     *
     * @throws SchemaException if a migration fails or the history contradicts this release
     */
    public SchemaState migrate() throws InterruptedException {
        enter(attempt());
        while (state instanceof Busy) {
            Thread.sleep(FIRST_WAIT);
            enter(attempt());
        }
        return state;
    }

    /** Asks first, so that a user who may only read goes on with a schema that is up to date. */
    private SchemaState attempt() {
        try {
            Flyway flyway = flyway();
            MigrationInfoService info = flyway.info();
            if (info.applied().length > 0 && info.pending().length == 0) {
                flyway.validate();
                return new Ready(0);
            }
            return alone(flyway);
        } catch (FlywayException | SQLException e) {
            return judge(e);
        }
    }

    /**
     * Flyway's own waiters each keep a transaction open, which behind a transaction pooler takes
     * every connection from the one that migrates; so they wait outside, with nothing open.
     */
    private SchemaState alone(Flyway flyway) throws SQLException {
        try (Connection gate = dataSource.getConnection()) {
            gate.setAutoCommit(false);
            try {
                return entered(gate) ? new Ready(flyway.migrate().migrationsExecuted) : new Busy();
            } finally {
                gate.rollback();
            }
        }
    }

    private boolean entered(Connection gate) throws SQLException {
        try (PreparedStatement statement = gate.prepareStatement(GATE)) {
            statement.setString(1, "gantry.schema." + schema);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private void enter(SchemaState next) {
        if (!next.equals(state)) {
            log(next);
        }
        state = next;
    }

    private Flyway flyway() {
        FluentConfiguration configuration =
                Flyway.configure(FleetSchema.class.getClassLoader())
                        .dataSource(dataSource)
                        .defaultSchema(schema.value())
                        .schemas(schema.value())
                        .createSchemas(true)
                        .locations("classpath:db/migration")
                        .failOnMissingLocations(true)
                        .placeholders(Map.of("schema", schema.in("${schema}")));
        PostgreSQLConfigurationExtension postgres =
                configuration.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class);
        // A session's lock would stay behind in a transaction pooler's connection.
        postgres.setTransactionalLock(true);
        return configuration.load();
    }

    private SchemaState judge(Exception error) {
        if (error instanceof FlywayValidateException) {
            throw new SchemaException(
                    "schema %s does not fit this release: %s".formatted(schema, error.getMessage()),
                    error);
        }
        SqlTrouble trouble = SqlTrouble.of(error);
        return switch (trouble.kind()) {
            case UNREACHABLE -> new Unreachable(trouble.reason());
            case NOT_ALLOWED -> new NotAllowed(trouble.reason());
            case OTHER ->
                    throw new SchemaException(
                            "schema %s cannot be migrated: %s".formatted(schema, trouble.reason()),
                            error);
        };
    }

    private void log(SchemaState next) {
        switch (next) {
            case Unknown _ -> {}
            case Busy _ ->
                    LOG.atInfo()
                            .addKeyValue("schema", schema)
                            .log("waiting for another worker's migration");
            case Ready(var applied) ->
                    LOG.atInfo()
                            .addKeyValue("schema", schema)
                            .addKeyValue("applied", applied)
                            .log("database schema is up to date");
            case Unreachable(var reason) ->
                    LOG.atWarn()
                            .addKeyValue("schema", schema)
                            .addKeyValue("reason", reason)
                            .log("waiting for the database");
            case NotAllowed(var reason) ->
                    LOG.atWarn()
                            .addKeyValue("schema", schema)
                            .addKeyValue("reason", reason)
                            .log(
                                    "waiting for migrations that this database user may not run:"
                                            + " run gantry migrate");
        }
    }
}
