package dev.gantry.fleet;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

/** Lets a migration's statement run longer than the socket timeout of everyday work. */
final class PatientConnections extends DelegatingDataSource {
    private static final Duration PATIENCE = Duration.ofHours(1);

    PatientConnections(DataSource dataSource) {
        super(dataSource);
    }

    /** The pool sets its own timeout again when the connection comes back. */
    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
        return connection;
    }
}
