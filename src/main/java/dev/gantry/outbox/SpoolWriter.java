package dev.gantry.outbox;

import dev.gantry.concurrent.Backoff;
import dev.gantry.fleet.SqlTrouble;
import dev.gantry.inference.SourcePosition;
import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes to the spool what the producer has not got: many records with one commit, on one thread.
 * What waits while it writes is its next batch.
 */
final class SpoolWriter {
    private static final Logger log = LoggerFactory.getLogger(SpoolWriter.class);

    private static final int ROWS = 1000;

    /** A larger record still goes alone. */
    private static final long BYTES = 4 << 20;

    /** Also how old the figures may be that bound the spool. */
    private static final Duration SURVEY = Duration.ofSeconds(1);

    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

    private final RetryQueue retries;
    private final SpoolTable table;
    private final SpoolReach reach;
    private final Outstanding outstanding;
    private final SpoolCounts counts;

    private volatile SpoolSize size = SpoolSize.EMPTY;

    /** Whether the last statement succeeded. */
    private volatile boolean reachable;

    // What follows belongs to the writing thread.

    /** The last write failed, and what it was to write still waits. */
    private boolean refused;

    private boolean troubled;
    private int failures;
    private long surveyedNanos = System.nanoTime() - SURVEY.toNanos();

    SpoolWriter(
            RetryQueue retries,
            SpoolTable table,
            SpoolReach reach,
            Outstanding outstanding,
            SpoolCounts counts) {
        this.retries = retries;
        this.table = table;
        this.reach = reach;
        this.outstanding = outstanding;
        this.counts = counts;
    }

    /** Approximate by what other workers have written since the last survey. */
    SpoolSize size() {
        return size;
    }

    boolean reachable() {
        return reachable;
    }

    /** Writes one batch, or looks how full the spool is when there is nothing to write. */
    void step() throws InterruptedException {
        if (failures > 0) {
            Thread.sleep(BACKOFF.after(failures));
        }
        if (System.nanoTime() - surveyedNanos >= SURVEY.toNanos()) {
            surveyedNanos = System.nanoTime();
            survey();
        }
        List<PendingRecord> batch = retries.awaitBlocked(ROWS, BYTES, SURVEY);
        if (batch.isEmpty()) {
            refused = false; // what was refused has gone to the broker
        } else {
            attempt(batch);
        }
    }

    private void survey() {
        try {
            size = table.size(reach.age(System.nanoTime()));
        } catch (RuntimeException e) {
            failed(List.of(), e);
            return;
        }
        // A database that can be read may still refuse to be written: only a write ends that.
        if (!refused) {
            succeeded();
        }
    }

    private void attempt(List<PendingRecord> batch) {
        try {
            write(batch);
        } catch (Throwable e) {
            Exhaustion.check(e);
            int half = batch.size() / 2;
            if (half > 0 && divisible(e)) {
                attempt(batch.subList(0, half));
                attempt(batch.subList(half, batch.size()));
                return;
            }
            // Whatever it is: nothing is known to be written, so all of it is tried again.
            refused = true;
            failed(batch, e);
            return;
        }
        refused = false;
        succeeded();
        batch.forEach(this::settle);
    }

    /** One record that the database refuses for ever is not to keep the others waiting. */
    private static boolean divisible(Throwable cause) {
        return cause instanceof DataAccessException
                && SqlTrouble.of(cause).kind() == SqlTrouble.Kind.FAULT;
    }

    /** One owner's bug is not to keep the others waiting for ever. */
    private void settle(PendingRecord pending) {
        try {
            outstanding.settle(pending);
        } catch (RuntimeException e) {
            log.atError()
                    .addKeyValue("record", pending.record())
                    .setCause(e)
                    .log("record is safe, and its owner fails to hear of it");
        }
    }

    private void failed(List<PendingRecord> batch, Throwable cause) {
        retries.spoolShut(batch);
        reachable = false;
        failures++;
        if (!troubled) {
            troubled = true;
            log.atLevel(SqlTrouble.of(cause).level())
                    .addKeyValue("cause", SqlTrouble.sentence(cause)) // details quote records
                    .log("spool takes no records; what the broker does not take waits in memory");
        }
    }

    private void succeeded() {
        failures = 0;
        retries.spoolOpen();
        reachable = true; // said once records go there
        if (troubled) {
            troubled = false;
            log.atInfo().log("spool takes records again");
        }
    }

    private void write(List<PendingRecord> batch) {
        List<SpoolEntry> entries = new ArrayList<>(batch.size());
        long poison = 0;
        for (PendingRecord each : batch) {
            entries.add(new SpoolEntry(each.ticket(), each.record(), each.refusal()));
            poison += each.refusal() == null ? 0 : 1;
        }
        long bytes = table.write(entries, completedBy(batch));
        size = size.plus(batch.size(), bytes);
        counts.spooled().addAndGet(batch.size());
        batch.stream().map(PendingRecord::topic).distinct().forEach(reach::wrote);
        counts.poison().addAndGet(poison);
    }

    /** The requests whose last records these are. */
    private static List<SourcePosition> completedBy(List<PendingRecord> batch) {
        Map<PendingAcks, Integer> counts = new HashMap<>();
        for (PendingRecord each : batch) {
            if (each.acks() != null) {
                counts.merge(each.acks(), 1, Integer::sum);
            }
        }
        List<SourcePosition> completed = new ArrayList<>();
        counts.forEach(
                (acks, records) -> {
                    if (acks.completesWith(records)) {
                        completed.add(acks.source());
                    }
                });
        return completed;
    }
}
