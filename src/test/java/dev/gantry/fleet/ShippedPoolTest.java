package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import java.sql.Connection;
import java.time.InstantSource;
import java.util.List;

class ShippedPoolTest {
    private final SharedDatabase.Address address = SharedDatabase.address();

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withInitializer(new ConfigDataApplicationContextInitializer())
                    .withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
                    .withPropertyValues(
                            "spring.datasource.username=" + address.username(),
                            "spring.datasource.password=" + address.password());

    @Test
    void keepsNoStatementsOnTheServerAndGivesUpOnADeadConnection() {
        runner.withPropertyValues("spring.datasource.url=" + address.url())
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            assertThat(pool.getConnectionTimeout()).isEqualTo(2_000);
                            pool.setConnectionTimeout(60_000); // a busy machine's first one
                            try (Connection connection = pool.getConnection()) {
                                assertThat(
                                                connection
                                                        .unwrap(PGConnection.class)
                                                        .getPrepareThreshold())
                                        .isZero();
                                assertThat(connection.getNetworkTimeout()).isEqualTo(30_000);
                                assertThat(connection.getClientInfo("ApplicationName"))
                                        .isEqualTo("gantry");
                            }
                            assertThat(pool.getMinimumIdle()).isEqualTo(1);
                            assertThat(pool.getIdleTimeout()).isEqualTo(30_000);
                            assertThat(pool.getMaxLifetime()).isEqualTo(300_000);
                        });
    }

    @Test
    void startsWithoutADatabaseAndLetsTheUserSayOtherwise() {
        runner.withPropertyValues(
                        "spring.datasource.url=jdbc:postgresql://localhost:1/absent",
                        "spring.datasource.hikari.maximum-pool-size=3",
                        "spring.datasource.hikari.data-source-properties.prepareThreshold=5")
                .run(
                        context -> {
                            HikariDataSource pool = context.getBean(HikariDataSource.class);
                            assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
                            assertThat(pool.getDataSourceProperties())
                                    .containsEntry("prepareThreshold", "5");
                        });
    }

    /** A hundred connections, PostgreSQL's default, must carry thirty workers. */
    @Test
    void aWorkerAtRestHoldsThreeConnectionsAtMost() {
        String name = SharedDatabase.uniqueSchema();
        runner.withPropertyValues(
                        "spring.datasource.url=" + address.url(),
                        // The least that the pool takes: a rest is the same, and sooner. A thread
                        // keeps to the connection that it had first, for its lifetime.
                        "spring.datasource.hikari.idle-timeout=10000",
                        "spring.datasource.hikari.max-lifetime=30000",
                        "spring.datasource.hikari.data-source-properties.ApplicationName=" + name)
                .withSystemProperties("com.zaxxer.hikari.housekeeping.periodMs=1000")
                .run(context -> rest(context.getBean(HikariDataSource.class), name));
    }

    private void rest(HikariDataSource pool, String name) throws Exception {
        SchemaName schema = new SchemaName(name);
        new FleetSchema(pool, schema).awaitMigrated();
        WorkerName worker = WorkerName.of("rest");
        try (WorkerHeartbeat heart = new WorkerHeartbeat(pool, schema, worker, "1", List::of);
                Circuits circuits =
                        Circuits.shared(
                                CircuitSettings.DEFAULT,
                                List.of(),
                                worker,
                                pool,
                                new DatabaseSettings(schema, null),
                                InstantSource.system())) {
            heart.start();
            circuits.start();
            Await.until("it listens", () -> circuits.status().source() == Source.NOTIFY);
            // What its start needed beyond that is let go of, at the latest when it is old.
            Await.until("it holds three", () -> connections(name) <= 3);
        }
    }

    /** Counted over another connection. */
    private int connections(String name) {
        var counting =
                new DriverManagerDataSource(address.url(), address.username(), address.password());
        return JdbcClient.create(counting)
                .sql("select count(*) from pg_stat_activity where application_name = :name")
                .param("name", name)
                .query(Integer.class)
                .single();
    }
}
