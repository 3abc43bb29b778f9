package dev.gantry.circuit;

import dev.gantry.circuit.table.CircuitTable;
import dev.gantry.circuit.table.NotificationPayload;
import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.concurrent.Backoff;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Listens for news of the table, and for what others want to hear. Hearing only hastens the next
 * read: what goes unheard is polled.
 *
 * <p>Behind a transaction pooler a session that listens hears nothing and is told nothing of it; so
 * an echo is sent now and then, over another connection, and awaited.
 */
final class NotificationListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NotificationListener.class);
    private static final int LISTEN_MILLIS = 500;
    private static final long TESTED_NANOS = Duration.ofSeconds(5).toNanos();
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final ListenSource source;
    private final NotificationPayload notification;
    private final Runnable news;

    /** By channel; the payload is theirs to read. */
    private final Map<String, Consumer<String>> others;

    private final ListenCheck check;
    private final BackgroundLoop loop;

    /** Only the listening thread uses these. */
    private @Nullable Connection connection;

    private long testedAt;
    private int failures;

    NotificationListener(
            ListenSource source,
            NotificationPayload notification,
            Runnable news,
            Map<String, Consumer<String>> others,
            ListenCheck check) {
        this.source = source;
        this.notification = notification;
        this.news = news;
        this.others = others;
        this.check = check;
        this.loop = BackgroundLoop.of("circuit-listen", this::pass);
    }

    void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
        hangUp();
    }

    private Duration pass() {
        try {
            Connection listening = connected();
            PGNotification[] heard =
                    listening.unwrap(PGConnection.class).getNotifications(LISTEN_MILLIS);
            for (PGNotification each : heard) {
                hear(each);
            }
            test(listening);
            failures = 0;
            return Duration.ZERO;
        } catch (SQLException e) {
            if (connection != null || failures == 0) {
                LOG.atInfo()
                        .addKeyValue("error", e.toString())
                        .log("listening ends, polling goes on");
            }
            hangUp();
            return BACKOFF.after(++failures);
        }
    }

    private Connection connected() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = source.open();
            connection = open;
            try (Statement statement = open.createStatement()) {
                statement.execute("listen " + CircuitTable.CHANNEL);
                for (String channel : others.keySet()) {
                    statement.execute("listen " + channel);
                }
            }
            testedAt = System.nanoTime();
            check.want();
            // Whatever was said before has been missed.
            news.run();
        }
        return open;
    }

    private void hear(PGNotification heard) {
        Consumer<String> other = others.get(heard.getName());
        if (other != null) {
            other.accept(heard.getParameter());
            return;
        }
        switch (notification.meaning(heard.getParameter())) {
            case NEWS -> news.run();
            case ECHO -> check.heard();
            case NOISE -> {}
        }
    }

    /** A network that died says nothing: only a statement finds out. */
    private void test(Connection listening) throws SQLException {
        if (System.nanoTime() - testedAt < TESTED_NANOS) {
            return;
        }
        testedAt = System.nanoTime();
        try (Statement statement = listening.createStatement()) {
            statement.execute("select 1");
        }
    }

    private void hangUp() {
        Connection open = connection;
        connection = null;
        check.lost();
        if (open != null) {
            try {
                open.close();
            } catch (SQLException _) {
                // It was broken anyway.
            }
        }
    }
}
