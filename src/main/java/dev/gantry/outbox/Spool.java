package dev.gantry.outbox;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.fleet.ShortConnections;

import java.util.function.LongSupplier;

import javax.sql.DataSource;

/**
 * The second place where a record is safe: PostgreSQL, from where any worker publishes it once the
 * broker takes records again.
 */
final class Spool implements AutoCloseable {
    private final SpoolSettings settings;
    private final RetryQueue retries;
    private final SpoolCounts counts = new SpoolCounts();
    private final SpoolWriter spoolWriter;
    private final BackgroundLoop writing;
    private final BackgroundLoop draining;

    /**
     * @param live records that the broker has taken past the spool, since the start
     */
    Spool(
            SpoolSettings settings,
            RetryQueue retries,
            Outstanding outstanding,
            RenewableProducer producer,
            LongSupplier live) {
        this.settings = settings;
        this.retries = retries;
        DataSource connections = new ShortConnections(settings.dataSource());
        SpoolTable table = new SpoolTable(connections, settings.schema(), settings.worker().id());
        SpoolReach reach = new SpoolReach();
        this.spoolWriter = new SpoolWriter(retries, table, reach, outstanding, counts);
        SpoolDrain drain =
                new SpoolDrain(
                        retries,
                        new SpoolLots(table, new SpoolSender(producer, retries), connections),
                        reach,
                        counts,
                        new DrainThrottle(live));
        this.writing = BackgroundLoop.waiting("gantry-spooler", spoolWriter::step);
        this.draining = BackgroundLoop.waiting("gantry-drain", drain::step);
    }

    /** Once; the tables must exist. */
    void start() {
        writing.start();
        draining.start();
    }

    /** While the broker takes records the bounds are no matter: there is a way out. */
    boolean full() {
        SpoolSize size = spoolWriter.size();
        return !retries.open()
                && (size.records() >= settings.bounds().maxRows()
                        || size.bytes() >= settings.bounds().maxBytes().toBytes());
    }

    SpoolStatus status() {
        SpoolSize size = spoolWriter.size();
        return new SpoolStatus(
                spoolWriter.reachable(),
                full(),
                size.records(),
                size.bytes(),
                size.age(),
                size.setAside(),
                counts.spooled().get(),
                counts.drained().get(),
                counts.poison().get());
    }

    @Override
    public void close() {
        draining.close();
        writing.close();
    }
}
