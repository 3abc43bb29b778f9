package dev.gantry.circuit;

import org.springframework.jdbc.datasource.DelegatingDataSource;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

/** Writes down each statement and the name of the thread that makes it, or would. */
final class StatementWatch extends DelegatingDataSource {
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** The names of all threads that ever asked for a connection. */
    private final Set<String> asking = ConcurrentHashMap.newKeySet();

    /** A statement as it was prepared. */
    record Seen(String thread, String sql) {
        boolean writes() {
            return sql.contains("insert into");
        }
    }

    StatementWatch(DataSource dataSource) {
        super(dataSource);
    }

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    Set<String> asking() {
        return asking;
    }

    void forget() {
        seen.clear();
    }

    @Override
    public Connection getConnection() throws SQLException {
        asking.add(Thread.currentThread().getName());
        Connection connection = super.getConnection();
        return (Connection)
                Proxy.newProxyInstance(
                        StatementWatch.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("prepareStatement")) {
                                seen.add(
                                        new Seen(
                                                Thread.currentThread().getName(),
                                                (String) arguments[0]));
                            }
                            try {
                                return method.invoke(connection, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
