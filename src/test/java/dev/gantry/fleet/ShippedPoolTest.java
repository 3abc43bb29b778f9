package dev.gantry.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.sql.Connection;

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
                            assertThat(pool.getConnectionTimeout()).isEqualTo(2_000);
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
}
