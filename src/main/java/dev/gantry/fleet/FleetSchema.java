package dev.gantry.fleet;

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

import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

/** Brings the schema up to date: one worker migrates while the others wait for it. */
public final class FleetSchema {
    private static final Logger LOG = LoggerFactory.getLogger(FleetSchema.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** Tries at the lock, one a second: a long migration of another worker is waited for. */
    private static final int LOCK_TRIES = 3_600;

    private final DataSource dataSource;
    private final SchemaName schema;

    private volatile SchemaState state = new Unknown();

    public FleetSchema(DataSource dataSource, SchemaName schema) {
        this.dataSource = new PatientConnections(dataSource);
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
     * One try: runs what is owed, waiting while another worker does.
     *
     * @throws SchemaException if a migration fails or the history contradicts this release
     */
    public SchemaState migrate() {
        SchemaState next;
        try {
            next = new Ready(run());
        } catch (FlywayException e) {
            next = judge(e);
        }
        if (!next.equals(state)) {
            log(next);
        }
        state = next;
        return next;
    }

    /** Asks first, so that a user who may only read goes on with a schema that is up to date. */
    private int run() {
        Flyway flyway = flyway();
        MigrationInfoService info = flyway.info();
        if (info.applied().length > 0 && info.pending().length == 0) {
            flyway.validate();
            return 0;
        }
        return flyway.migrate().migrationsExecuted;
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
                        .lockRetryCount(LOCK_TRIES)
                        .placeholders(Map.of("schema", schema.in("${schema}")));
        PostgreSQLConfigurationExtension postgres =
                configuration.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class);
        // A session's lock would stay behind in a transaction pooler's connection.
        postgres.setTransactionalLock(true);
        return configuration.load();
    }

    private SchemaState judge(FlywayException error) {
        SqlTrouble trouble = SqlTrouble.of(error);
        if (error instanceof FlywayValidateException) {
            throw new SchemaException(
                    "schema %s does not fit this release: %s".formatted(schema, error.getMessage()),
                    error);
        }
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
