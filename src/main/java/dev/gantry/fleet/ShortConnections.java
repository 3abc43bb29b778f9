package dev.gantry.fleet;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

/**
 * Connections that give up on a silent database after two seconds: what is known here serves on,
 * and the pool's own patience is that of long statements. The pool sets its timeout again when the
 * connection comes back.
 */
public final class ShortConnections extends DelegatingDataSource {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    public ShortConnections(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
        return connection;
    }
}
