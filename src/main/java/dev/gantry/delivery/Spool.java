package dev.gantry.delivery;

import dev.gantry.fleet.ShortConnections;

import java.util.function.LongSupplier;

import javax.sql.DataSource;

/**
 * The second place where a record is safe: PostgreSQL, from where any worker publishes it once the
 * broker takes records again.
 */
final class Spool implements AutoCloseable {
    private final SpoolSettings settings;
    private final Backlog backlog;
    private final SpoolCounts counts = new SpoolCounts();
    private final Spooler spooler;
    private final Repeating writing;
    private final Repeating draining;

    /**
     * @param live records that the broker has taken past the spool, since the start
     */
    Spool(
            SpoolSettings settings,
            Backlog backlog,
            Outstanding outstanding,
            RenewableProducer producer,
            LongSupplier live) {
        this.settings = settings;
        this.backlog = backlog;
        DataSource connections = new ShortConnections(settings.dataSource());
        SpoolTable table = new SpoolTable(connections, settings.schema(), settings.worker().id());
        SpoolReach reach = new SpoolReach();
        this.spooler = new Spooler(backlog, table, reach, outstanding, counts);
        SpoolDrain drain =
                new SpoolDrain(
                        backlog,
                        new SpoolLots(table, new SpoolShuttle(producer, backlog), connections),
                        reach,
                        counts,
                        new Pace(live));
        this.writing = new Repeating("gantry-spooler", spooler::step);
        this.draining = new Repeating("gantry-drain", drain::step);
    }

    /** Once; the tables must exist. */
    void start() {
        writing.start();
        draining.start();
    }

    /** While the broker takes records the bounds are no matter: there is a way out. */
    boolean full() {
        SpoolSize size = spooler.size();
        return !backlog.open()
                && (size.records() >= settings.maxRows() || size.bytes() >= settings.maxBytes());
    }

    SpoolStatus status() {
        SpoolSize size = spooler.size();
        return new SpoolStatus(
                spooler.reachable(),
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
