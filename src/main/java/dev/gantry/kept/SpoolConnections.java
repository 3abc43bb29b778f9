package dev.gantry.kept;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;

import javax.sql.DataSource;

/**
 * Connections that give up on a silent database after two seconds; a pool sets its own timeout
 * again when the connection comes back.
 */
final class SpoolConnections {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final SQLExceptionTranslator translator = new SQLExceptionSubclassTranslator();
    private final DataSource dataSource;

    SpoolConnections(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    interface Work {
        void on(Connection connection) throws SQLException;
    }

    interface Query<T> {
        T on(Connection connection) throws SQLException;
    }

    /** May wait for others in the middle. */
    interface PatientWork<T> {
        T on(Connection connection) throws SQLException, InterruptedException;
    }

    <T> T read(Query<T> query) {
        try (Connection connection = open()) {
            return query.on(connection);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    void transact(Work work) {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            try {
                work.on(connection);
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                undo(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    <T> T transactPatiently(PatientWork<T> work) throws InterruptedException {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException | InterruptedException e) {
                undo(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    private Connection open() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setNetworkTimeout(Runnable::run, (int) PATIENCE.toMillis());
        return connection;
    }

    /** A connection that is broken cannot; the server undoes it then. */
    private static void undo(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private DataAccessException translated(SQLException e) {
        return Objects.requireNonNull(translator.translate("spool", null, e), "always translated");
    }
}
