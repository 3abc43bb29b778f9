package dev.gantry.fleet;

import dev.gantry.fleet.SchemaState.Busy;
import dev.gantry.fleet.SchemaState.NotAllowed;
import dev.gantry.fleet.SchemaState.Ready;
import dev.gantry.fleet.SchemaState.Refused;
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
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import javax.sql.DataSource;

/** Brings the schema up to date: one worker migrates while the others wait for it. */
public final class FleetSchema {
    private static final Logger LOG = LoggerFactory.getLogger(FleetSchema.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    /** Held by the transaction, not by the session: a pooler hands sessions around. */
    private static final String GATE = "select pg_try_advisory_xact_lock(hashtextextended(?, 0))";

    /** Asked first: a user who may not create one may have been given one. */
    private static final String EXISTS = "select 1 from pg_namespace where nspname = ?";

    private static final String ENCODING =
            "select current_database(), getdatabaseencoding() where getdatabaseencoding() <> 'UTF8'";

    /** Flyway has no exception of its own for a lock that it waited for in vain. */
    private static final Pattern LOCKED = Pattern.compile("acquire .*advisory lock");

    private final DataSource dataSource;
    private final SchemaName schema;

    private volatile SchemaState state = new Unknown();

    public FleetSchema(DataSource dataSource, SchemaName schema) {
        this.dataSource = dataSource;
        this.schema = schema;
    }

    SchemaState state() {
        return state;
    }

    /** What the worker's start waits for here, with its reason; empty: nothing. Never blocks. */
    public Optional<String> awaited() {
        return switch (state) {
            case Unknown _, Busy _, Ready _ -> Optional.empty();
            case Unreachable(var reason) -> Optional.of("the database does not answer: " + reason);
            case Refused(var reason) ->
                    Optional.of("the database does not take the migrations now: " + reason);
            case NotAllowed(var reason) ->
                    Optional.of(
                            "migrations are due that this database user may not run,"
                                    + " run gantry migrate: "
                                    + reason);
        };
    }

    /**
     * Tries until the schema is up to date. Only what no waiting mends ends it: all other trouble,
     * such as an absent or read-only database, a lock, a timeout or a missing right, is waited for.
     *
     * @throws SchemaException if a migration is at fault, the history contradicts this release, or
     *     the database is not encoded in UTF8
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
     * @throws SchemaException as {@link #awaitMigrated}
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
        try (MigrationConnections connections = new MigrationConnections(dataSource)) {
            checkEncoding(connections);
            Flyway flyway = flyway(connections);
            MigrationInfoService info = flyway.info();
            if (info.applied().length > 0 && info.pending().length == 0) {
                flyway.validate();
                return new Ready(0);
            }
            return alone(flyway, connections);
        } catch (FlywayException | SQLException e) {
            return judge(e);
        }
    }

    /** In any other encoding one foreign error text would stop every write of what goes with it. */
    private static void checkEncoding(DataSource connections) throws SQLException {
        try (Connection connection = connections.getConnection();
                PreparedStatement statement = connection.prepareStatement(ENCODING);
                ResultSet row = statement.executeQuery()) {
            if (row.next()) {
                throw new SchemaException(
                        "database %s is encoded in %s; required is UTF8: create database … encoding 'UTF8' template template0"
                                .formatted(row.getString(1), row.getString(2)),
                        null);
            }
        }
    }

    /**
     * Flyway's own waiters each keep a transaction open, which behind a transaction pooler takes
     * every connection from the one that migrates; so they wait outside, with nothing open.
     */
    private SchemaState alone(Flyway flyway, DataSource connections) throws SQLException {
        try (Connection gate = connections.getConnection()) {
            gate.setAutoCommit(false);
            try {
                if (!entered(gate)) {
                    return new Busy();
                }
                create(connections);
                return new Ready(flyway.migrate().migrationsExecuted);
            } finally {
                gate.rollback();
            }
        }
    }

    /** Flyway would try it for ten seconds, whatever stands in the way. */
    private void create(DataSource connections) throws SQLException {
        try (Connection connection = connections.getConnection();
                PreparedStatement statement = connection.prepareStatement(EXISTS)) {
            statement.setString(1, schema.value());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    return;
                }
            }
            try (Statement create = connection.createStatement()) {
                create.execute(schema.in("create schema ${schema}"));
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

    private Flyway flyway(DataSource connections) {
        FluentConfiguration configuration =
                Flyway.configure(FleetSchema.class.getClassLoader())
                        .dataSource(connections)
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
                    "%s does not fit this release: %s".formatted(place(), error.getMessage()),
                    error);
        }
        if (LOCKED.matcher(String.valueOf(error.getMessage())).find()) {
            return new Refused("a migration by other hands holds the lock");
        }
        SqlTrouble trouble = SqlTrouble.of(error);
        return switch (trouble.kind()) {
            case UNREACHABLE -> new Unreachable(trouble.reason());
            case NOT_ALLOWED -> new NotAllowed(trouble.reason());
            case REFUSED -> new Refused(trouble.reason());
            case FAULT ->
                    throw new SchemaException(
                            "%s cannot be migrated: %s".formatted(place(), trouble.reason()),
                            error);
        };
    }

    private String place() {
        try (Connection connection = dataSource.getConnection()) {
            return schema.at(connection.getMetaData().getURL());
        } catch (SQLException _) {
            return "schema " + schema;
        }
    }

    private void log(SchemaState next) {
        switch (next) {
            // These are waited for as an absent database is.
            case Unknown _, Unreachable _, Refused _, NotAllowed _ -> {}
            case Busy _ ->
                    LOG.atInfo()
                            .addKeyValue("schema", schema)
                            .log("waiting for another worker's migration");
            case Ready(var applied) ->
                    LOG.atInfo()
                            .addKeyValue("schema", schema)
                            .addKeyValue("applied", applied)
                            .log("database schema is up to date");
        }
    }
}
