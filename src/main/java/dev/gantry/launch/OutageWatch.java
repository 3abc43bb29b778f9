package dev.gantry.launch;

import dev.gantry.concurrent.BackgroundLoop;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Says that broker or database is away: at once, every 30 seconds while it is, and for how long it
 * was when it answers again. It is the only one to say so, from before the first contact on; the
 * clients' own lines, several a second, are silenced in {@code application.yml}.
 */
final class OutageWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutageWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final BackgroundLoop loop = BackgroundLoop.every(PERIOD, "outages", this::look);
    private final Absence broker;
    private final Absence database;

    /**
     * @param broker why the broker is waited for now; null: it is not
     * @param database the same of the database
     */
    OutageWatch(Supplier<@Nullable String> broker, Supplier<@Nullable String> database) {
        this.broker = new Absence("broker", broker, System::nanoTime);
        this.database = new Absence("database", database, System::nanoTime);
    }

    /** Once. */
    void start() {
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    private void look() {
        broker.look();
        database.look();
    }

    /** One of them, and what has been said of it. Used by one thread. */
    static final class Absence {
        private static final Duration REPEAT = Duration.ofSeconds(30);

        private final String what;
        private final Supplier<@Nullable String> trouble;
        private final LongSupplier nanos;

        private boolean away;
        private long sinceNanos;
        private long saidNanos;

        /**
         * @param nanos the monotonic clock
         */
        Absence(String what, Supplier<@Nullable String> trouble, LongSupplier nanos) {
            this.what = what;
            this.trouble = trouble;
            this.nanos = nanos;
        }

        void look() {
            String reason = trouble.get();
            long now = nanos.getAsLong();
            if (reason == null) {
                if (away) {
                    away = false;
                    line(Level.INFO, now).log("the {} answers", what);
                }
                return;
            }
            if (!away) {
                away = true;
                sinceNanos = now;
            } else if (now - saidNanos < REPEAT.toNanos()) {
                return; // nor for another reason: on its way out one has several
            }
            saidNanos = now;
            line(Level.WARN, now).addKeyValue("reason", reason).log("waiting for the {}", what);
        }

        private LoggingEventBuilder line(Level level, long now) {
            return LOG.atLevel(level)
                    .addKeyValue("away_ms", Duration.ofNanos(now - sinceNanos).toMillis());
        }
    }
}
