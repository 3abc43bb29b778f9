package dev.gantry.circuit;

import com.zaxxer.hikari.HikariDataSource;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

import javax.sql.DataSource;

/**
 * Opens the connection that listens: one of its own, because a session that listens is nobody
 * else's.
 */
final class ListenSource {
    /**
     * Seconds; a statement on it takes milliseconds, and waiting for notifications sets its own.
     */
    private static final String SOCKET_TIMEOUT = "2";

    private final DataSource dataSource;
    private final @Nullable String url;

    /**
     * @param url a direct one where the data source goes through a pooler; null: the data source's
     */
    ListenSource(DataSource dataSource, @Nullable String url) {
        this.dataSource = dataSource;
        this.url = url;
    }

    /** Passwords are read anew each time: they may have been changed. */
    Connection open() throws SQLException {
        HikariDataSource pool =
                dataSource.isWrapperFor(HikariDataSource.class)
                        ? dataSource.unwrap(HikariDataSource.class)
                        : null;
        String target = url;
        if (target == null && pool != null) {
            target = pool.getJdbcUrl();
        }
        if (target == null) {
            return dataSource.getConnection();
        }
        Properties properties = new Properties();
        if (pool != null) {
            properties.putAll(pool.getDataSourceProperties());
            putIfPresent(properties, "user", pool.getUsername());
            putIfPresent(properties, "password", pool.getPassword());
        }
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("socketTimeout", SOCKET_TIMEOUT);
        properties.setProperty("connectTimeout", SOCKET_TIMEOUT);
        properties.setProperty("loginTimeout", SOCKET_TIMEOUT);
        return DriverManager.getConnection(target, properties);
    }

    private static void putIfPresent(Properties properties, String key, @Nullable String value) {
        if (value != null) {
            properties.setProperty(key, value);
        }
    }
}
