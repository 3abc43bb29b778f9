package dev.gantry.chaos;

import dev.gantry.testbed.SharedDatabase;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** How many records wait in the fleet's spool. */
record SpoolDepth(SharedDatabase.Address database, String schema) {
    private static final Duration DRAIN_WITHIN = Duration.ofSeconds(60);
    private static final long STEP_NANOS = Duration.ofMillis(2).toNanos();

    /** Those set aside count, too: no test here writes what a broker would refuse. */
    int rows() throws SQLException {
        try (Connection connection = connect()) {
            return rows(connection);
        }
    }

    /**
     * As a dump does: until it is closed, deleted rows stay, and so many of this topic are there
     * already.
     */
    Connection holdSnapshot(String topic, int dead) throws SQLException {
        Connection held = connect();
        held.setAutoCommit(false);
        held.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            rows(held);
            connection.setAutoCommit(false);
            statement.execute(
                    "insert into %s.spool (topic, value, bytes) select '%s', 'x', 1 from generate_series(1, %d)"
                            .formatted(schema, topic, dead));
            statement.execute(
                    "delete from %s.spool where topic = '%s' and value = 'x'"
                            .formatted(schema, topic));
            connection.commit();
        }
        return held;
    }

    /** Waits until it has begun to shrink; false if it does not in time, or never filled. */
    boolean awaitDraining() throws SQLException {
        long deadline = System.nanoTime() + DRAIN_WITHIN.toNanos();
        try (Connection connection = connect()) {
            int most = rows(connection);
            while (most > 0 && System.nanoTime() < deadline) {
                int rows = rows(connection);
                if (rows < most) {
                    return true;
                }
                most = rows;
                LockSupport.parkNanos(STEP_NANOS);
            }
            return false;
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                database.url() + "&connectTimeout=5&socketTimeout=30",
                database.username(),
                database.password());
    }

    private int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select count(*) from " + schema + ".spool")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
