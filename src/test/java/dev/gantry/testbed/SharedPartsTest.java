package dev.gantry.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ExecutionException;

class SharedPartsTest {
    @Test
    void theBrokerAnswers() throws ExecutionException, InterruptedException {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", SharedBroker.bootstrapServers()))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @Test
    void theDatabaseAnswers() throws SQLException {
        SharedDatabase.Address address = SharedDatabase.address();

        try (Connection connection =
                DriverManager.getConnection(
                        address.url(), address.username(), address.password())) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }
}
