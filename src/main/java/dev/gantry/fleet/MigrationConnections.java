package dev.gantry.fleet;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

/**
 * Connections for Flyway: their statements may run long, their transactions may stand idle while
 * another connection works, and they leave no search_path behind.
 *
 * <p>Flyway sets the session's search_path and sets it back later; behind a transaction pooler
 * these are two sessions, and the first would be handed to others as it is. Our migrations name
 * their schema, so a setting that ends with its transaction serves as well.
 */
final class MigrationConnections extends DelegatingDataSource implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final String SESSION_PATH = "set_config('search_path', ?, false)";
    private static final String ALLOW_IDLE = "set local idle_in_transaction_session_timeout = 0";
    private static final String TRANSACTION_PATH = "set_config('search_path', ?, true)";

    MigrationConnections(DataSource dataSource) {
        super(dataSource);
    }

    /** Flyway forgets some when a migration fails; one thread uses them. */
    private final List<Connection> given = new ArrayList<>();

    /** The pool sets its own timeout again when the connection comes back. */
    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        given.add(connection);
        connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
        return (Connection)
                Proxy.newProxyInstance(
                        MigrationConnections.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            if (arguments != null && arguments[0] instanceof String sql) {
                                arguments[0] = sql.replace(SESSION_PATH, TRANSACTION_PATH);
                            }
                            boolean begins =
                                    method.getName().equals("setAutoCommit")
                                            && connection.getAutoCommit();
                            Object result;
                            try {
                                result = method.invoke(connection, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                            if (begins && !connection.getAutoCommit()) {
                                allowIdle(connection);
                            }
                            return result;
                        });
    }

    /** Gives back what was forgotten, so that no failed try costs the pool a connection. */
    @Override
    public void close() throws SQLException {
        for (Connection each : given) {
            if (!each.isClosed()) {
                each.close();
            }
        }
        given.clear();
    }

    private static void allowIdle(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(ALLOW_IDLE);
        }
    }
}
