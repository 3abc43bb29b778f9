package dev.gantry.fleet;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/**
 * Looks at the session's search_path after each statement that sets one, as a pooler's next client
 * would.
 */
final class SearchPathWatch extends DelegatingDataSource {
    private final Set<String> paths = new ConcurrentSkipListSet<>();
    private final AtomicInteger given = new AtomicInteger();

    SearchPathWatch(DataSource dataSource) {
        super(dataSource);
    }

    int given() {
        return given.get();
    }

    Set<String> pathsOnReturn() {
        return paths;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        given.incrementAndGet();
        return (Connection)
                Proxy.newProxyInstance(
                        SearchPathWatch.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            if (!connection.isClosed() && connection.getAutoCommit()) {
                                look(connection);
                            }
                            try {
                                return method.invoke(connection, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private void look(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show search_path")) {
            row.next();
            paths.add(row.getString(1));
        }
    }
}
