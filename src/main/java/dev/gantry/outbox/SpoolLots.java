package dev.gantry.outbox;

import dev.gantry.fleet.SqlTrouble;

import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionStatus;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import javax.sql.DataSource;

/**
 * Moves a lot of rows to the broker in one transaction. A lot that fails is halved, down to the row
 * that is to blame: what is the row's own fault is set aside, all else is stepped past and tried
 * again later. Used on the draining thread only.
 */
final class SpoolLots {
    static final int ROWS = 2000;

    private static final long BYTES = 4 << 20;

    /** A transaction is over by then, or the database ends it. */
    private static final Duration WITHIN = Duration.ofSeconds(60);

    /** For what is known to begin near. */
    private static final Duration BRIEF = Duration.ofSeconds(2);

    /** For what may have to pass millions of dead rows that somebody's snapshot holds. */
    private static final Duration PATIENT = Duration.ofSeconds(30);

    private static final long NONE = -1;

    private final SpoolTable table;
    private final SpoolSender shuttle;
    private final BoundedTransactions transactions;
    private final Duration within;

    /** How many rows the next lot of a topic has whose last one failed. */
    private final Map<String, Integer> sizes = new HashMap<>();

    SpoolLots(SpoolTable table, SpoolSender shuttle, DataSource dataSource) {
        this(table, shuttle, dataSource, WITHIN);
    }

    SpoolLots(SpoolTable table, SpoolSender shuttle, DataSource dataSource, Duration within) {
        this.table = table;
        this.shuttle = shuttle;
        this.transactions = new BoundedTransactions(dataSource);
        this.within = within;
    }

    /** The topics that have records to be published, looked for from the front. */
    SpoolTable.Front front() {
        return transactions.run(within, PATIENT, _ -> table.front());
    }

    /**
     * What became of the topic's next rows.
     *
     * @param after the id behind which to look; 0: it is not known how far the first one is
     * @param most rows
     * @throws RuntimeException if the database has trouble; the next lot is smaller
     */
    SpoolSender.Landing move(String topic, long after, int most) {
        int rows = Math.min(most, sizes.getOrDefault(topic, ROWS));
        Duration patience = after == 0 || sizes.containsKey(topic) ? PATIENT : BRIEF;
        try {
            SpoolSender.Landing landing =
                    transactions.run(
                            within, patience, _ -> settle(table.take(topic, after, rows, BYTES)));
            sizes.computeIfPresent(topic, (_, size) -> size >= ROWS / 2 ? null : 2 * size);
            return landing;
        } catch (RuntimeException e) {
            if (rows == 1) {
                return alone(topic, after);
            }
            sizes.put(topic, rows / 2);
            if (ownFault(e)) {
                return move(topic, after, rows / 2);
            }
            throw e;
        }
    }

    /** The broker has half the time, so that the other is left to delete what it took. */
    private SpoolSender.Landing settle(List<SpoolEntry.Stored> taken) {
        SpoolSender.Landing landing = shuttle.send(taken, within.dividedBy(2));
        if (!landing.landed().isEmpty()) {
            table.delete(landing.landed());
        }
        landing.refused().forEach(table::setAside);
        return landing;
    }

    /** One row that cannot be moved is not to keep those behind it. */
    private SpoolSender.Landing alone(String topic, long after) {
        AtomicLong id = new AtomicLong(NONE);
        try {
            return transactions.run(
                    within,
                    PATIENT,
                    status -> {
                        Long held = table.hold(topic, after);
                        if (held == null) {
                            return settle(List.of());
                        }
                        id.set(held);
                        return judged(held, status);
                    });
        } catch (RuntimeException e) {
            if (id.get() == NONE) {
                throw e;
            }
            return new SpoolSender.Landing(
                    1, List.of(), Map.of(), SqlTrouble.sentence(e), id.get());
        }
    }

    /** While it is held nobody else has it, so what fails is this row and no other. */
    private SpoolSender.Landing judged(long id, TransactionStatus status) {
        Object before = status.createSavepoint();
        try {
            return settle(table.read(id));
        } catch (RuntimeException e) {
            if (!ownFault(e)) {
                throw e;
            }
            status.rollbackToSavepoint(before);
            String reason = reason(e);
            table.setAside(id, reason);
            return new SpoolSender.Landing(1, List.of(), Map.of(id, reason), null, id);
        }
    }

    /** Whether it would be the same with the same row at any time. */
    private static boolean ownFault(RuntimeException cause) {
        return cause instanceof DamagedRow
                || (cause instanceof DataAccessException
                        && SqlTrouble.of(cause).kind() == SqlTrouble.Kind.FAULT);
    }

    private static String reason(RuntimeException cause) {
        return cause instanceof DamagedRow
                ? String.valueOf(cause.getMessage())
                : "the database cannot read it: " + SqlTrouble.of(cause).reason();
    }

    /** A row whose bytes are not those of a record. */
    static final class DamagedRow extends RuntimeException {
        private static final long serialVersionUID = 1;

        DamagedRow(String message) {
            super(message);
        }
    }
}
