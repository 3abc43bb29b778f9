package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.SchemaState.NotAllowed;
import dev.gantry.fleet.SchemaState.Ready;
import dev.gantry.fleet.SchemaState.Refused;
import dev.gantry.fleet.SchemaState.Unreachable;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Locale;

/** What a migration may meet: trouble that passes is waited for, a fault ends the start. */
@Timeout(120)
class SchemaTroubleTest {
    private final HikariDataSource owner = Databases.shared();
    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
    private final String user = schema.value() + "_worker";

    @AfterEach
    void close() {
        owner.close();
    }

    @Test
    void waitsForADatabaseThatTakesNoWrites() throws Exception {
        createUser();
        sql("grant create on database postgres to " + user);
        sql("alter role %s set default_transaction_read_only = on".formatted(user));
        try (HikariDataSource worker = worker()) {
            FleetSchema migrating = new FleetSchema(worker, schema);

            SchemaState before = migrating.migrate();
            for (int more = 0; more < 5; more++) {
                migrating.migrate();
            }
            int held = worker.getHikariPoolMXBean().getActiveConnections();
            sql("alter role %s reset default_transaction_read_only".formatted(user));
            worker.getHikariPoolMXBean().softEvictConnections();
            migrating.awaitMigrated();

            assertThat(before)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.reason()).contains("read-only"));
            assertThat(held).as("connections kept by tries that failed").isZero();
            assertThat(migrating.state()).isInstanceOf(Ready.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lock_timeout, 50ms, lock timeout",
        "statement_timeout, 300ms, statement timeout",
    })
    void waitsForALockThatAnotherHolds(String setting, String value, String said) throws Exception {
        createUser();
        sql("grant create on database postgres to " + user);
        sql("alter role %s set %s = '%s'".formatted(user, setting, value));
        try (HikariDataSource worker = worker();
                Connection other = owner.getConnection();
                Statement statement = other.createStatement()) {
            FleetSchema migrating = new FleetSchema(worker, schema);
            other.setAutoCommit(false);
            statement.execute("create schema " + schema.value());

            SchemaState before = migrating.migrate();
            other.rollback();
            migrating.awaitMigrated();

            assertThat(before)
                    .isInstanceOfSatisfying(
                            Refused.class, refused -> assertThat(refused.reason()).contains(said));
            assertThat(migrating.state()).isInstanceOf(Ready.class);
        }
    }

    @Test
    void isNotCutOffWhileItsGateStandsIdle() throws Exception {
        createUser();
        sql("grant create on database postgres to " + user);
        sql("alter role %s set idle_in_transaction_session_timeout = '20ms'".formatted(user));
        try (HikariDataSource worker = worker()) {
            FleetSchema migrating = new FleetSchema(worker, schema);

            migrating.awaitMigrated();

            assertThat(Databases.tables(owner, schema)).contains("worker", "spool");
        }
    }

    @Test
    void waitsForARightThatIsGrantedLater() throws Exception {
        createUser();
        try (HikariDataSource worker = worker()) {
            FleetSchema migrating = new FleetSchema(worker, schema);

            SchemaState before = migrating.migrate();
            sql("grant create on database postgres to " + user);
            migrating.awaitMigrated();

            assertThat(before)
                    .isInstanceOfSatisfying(
                            NotAllowed.class,
                            refused -> assertThat(refused.reason()).contains("permission denied"));
            assertThat(migrating.state()).isInstanceOf(Ready.class);
        }
    }

    @Test
    void waitsForAUserThatMayConnect() throws Exception {
        try (HikariDataSource worker = Databases.impatient(workersAddress())) {
            FleetSchema migrating = new FleetSchema(worker, schema);

            SchemaState before = migrating.migrate();
            createUser();
            sql("alter role %s connection limit 0".formatted(user));
            awaitReason(migrating, "too many connections");
            sql("alter role %s connection limit -1".formatted(user));
            sql("grant create on database postgres to " + user);
            migrating.awaitMigrated();

            assertThat(before).isInstanceOf(Unreachable.class);
            assertThat(migrating.state()).isInstanceOf(Ready.class);
        }
    }

    @Test
    void waitsForAStandbyToBePromoted() throws Exception {
        try (DatabaseProcess database = DatabaseProcess.start()) {
            database.stop();
            database.startAgainAsStandby();
            try (HikariDataSource pool = Databases.pool(database.address())) {
                FleetSchema migrating = new FleetSchema(pool, schema);

                SchemaState before = migrating.migrate();
                JdbcClient.create(pool).sql("select pg_promote()").query(Boolean.class).single();
                migrating.awaitMigrated();

                assertThat(before).isInstanceOf(Refused.class);
                assertThat(migrating.state()).isInstanceOf(Ready.class);
            }
        }
    }

    @Test
    void namesTheHostThatDoesNotResolve() throws Exception {
        String url = "jdbc:postgresql://no-such-database.invalid/gantry";
        SharedDatabase.Address address = new SharedDatabase.Address(url, "postgres", "postgres");
        try (HikariDataSource nowhere = Databases.impatient(address)) {
            awaitReason(
                    new FleetSchema(nowhere, schema),
                    "UnknownHostException: no-such-database.invalid");
        }
    }

    @Test
    void endsWhereAScriptMeetsWhatIsThereAlready() throws Exception {
        FleetSchema migrating = new FleetSchema(owner, schema);
        migrating.migrate();
        sql(
                schema.in(
                        "delete from ${schema}.flyway_schema_history where installed_rank ="
                                + " (select max(installed_rank) from ${schema}.flyway_schema_history)"));

        assertThatThrownBy(migrating::migrate)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining(schema.value())
                .hasMessageContaining("already exists");
    }

    @Test
    void endsWhereTheSchemaBelongsToSomethingElse() {
        sql("create schema " + schema.value());
        sql(schema.in("create table ${schema}.invoice (id bigint)"));

        assertThatThrownBy(new FleetSchema(owner, schema)::migrate)
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining(schema.value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SQL_ASCII", "LATIN1"})
    void endsInADatabaseOfAnotherEncoding(String encoding) {
        String database = schema.value() + "_" + encoding.toLowerCase(Locale.ROOT);
        sql(
                "create database %s encoding '%s' locale 'C' template template0"
                        .formatted(database, encoding));
        SharedDatabase.Address address = SharedDatabase.address();
        String url = address.url().replaceFirst("/[^/?]+(\\?|$)", "/" + database + "$1");
        try (HikariDataSource pool = Databases.pool(url, address.username(), address.password())) {
            assertThatThrownBy(new FleetSchema(pool, schema)::migrate)
                    .isInstanceOf(SchemaException.class)
                    .hasMessageContaining(database)
                    .hasMessageContaining(encoding)
                    .hasMessageContaining("UTF8");
        }
    }

    /** A try that is given up before the database, or the resolver, has answered tells less. */
    private static void awaitReason(FleetSchema migrating, String reason) throws Exception {
        Await.until(
                reason,
                () ->
                        migrating.migrate() instanceof Unreachable(String said)
                                && said.contains(reason));
    }

    private void createUser() {
        sql("create user %s password 'worker'".formatted(user));
    }

    private HikariDataSource worker() {
        return Databases.pool(workersAddress());
    }

    private SharedDatabase.Address workersAddress() {
        return new SharedDatabase.Address(
                SharedDatabase.address().url().replaceAll("\\?.*", ""), user, "worker");
    }

    private void sql(String statement) {
        JdbcClient.create(owner).sql(statement).update();
    }
}
