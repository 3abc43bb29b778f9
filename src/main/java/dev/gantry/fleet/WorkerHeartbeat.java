package dev.gantry.fleet;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.memory.Exhaustion;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import javax.sql.DataSource;

/**
 * Says every two seconds that this worker is alive, and what its lanes do, and goes on saying so
 * after an outage.
 */
public final class WorkerHeartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerHeartbeat.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final int BEATS_PER_SWEEP = 150;

    private final WorkerTable table;
    private final WorkerName worker;
    private final String version;
    private final Supplier<List<RecordedLane>> lanes;
    private final BackgroundLoop loop = BackgroundLoop.every(PERIOD, "heartbeat", this::beat);

    /** Whether the last beat was written. */
    private volatile boolean heard;

    /** Why the last beat was not written. */
    private volatile @Nullable SqlTrouble trouble;

    // Only the beating thread uses what follows.

    private long beats;

    /** What the table has of the lanes; null: not known. */
    private @Nullable String recorded;

    /**
     * @param lanes those of the catalogue in force, asked before each beat
     */
    public WorkerHeartbeat(
            DataSource dataSource,
            SchemaName schema,
            WorkerName worker,
            String version,
            Supplier<List<RecordedLane>> lanes) {
        this.table = new WorkerTable(dataSource, schema);
        this.worker = worker;
        this.version = version;
        this.lanes = lanes;
    }

    /** Once; the table must exist. */
    public void start() {
        loop.start();
    }

    /** Whether the fleet hears of this worker now. */
    public boolean heard() {
        return heard;
    }

    /** Why the fleet does not hear of this worker; null: it does, or no beat has been tried yet. */
    public @Nullable SqlTrouble trouble() {
        return trouble;
    }

    /**
     * The workers heard of within ten seconds.
     *
     * @throws DataAccessException if the database does not answer
     */
    public List<FleetMember> liveWorkers() {
        return table.live();
    }

    /** Stops beating and takes this worker's row away; without a database it stays to be swept. */
    @Override
    public void close() {
        loop.close();
        if (heard) {
            leave();
        }
    }

    private void leave() {
        try {
            table.remove(worker);
        } catch (DataAccessException e) {
            LOG.atWarn()
                    .addKeyValue("worker", worker.id())
                    .setCause(e)
                    .log("heartbeat row stays, the fleet will notice in ten seconds");
        }
    }

    /** Lanes that stand there already are not written again. */
    private void record(String now) {
        boolean stand = table.beat(worker, version, now.equals(recorded) ? null : now);
        recorded = stand ? now : null;
    }

    /** The loop's top: whatever happens, the next beat is tried. */
    private void beat() {
        try {
            record(RecordedLane.json(lanes.get()));
            if (beats++ % BEATS_PER_SWEEP == 0) {
                table.sweep(WorkerTable.SWEPT_AFTER);
            }
            trouble = null;
            heard = true;
        } catch (Throwable e) {
            Exhaustion.check(e);
            recorded = null;
            trouble = SqlTrouble.of(e);
            heard = false;
        }
    }
}
