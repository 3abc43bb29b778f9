package dev.gantry.delivery;

import dev.gantry.fleet.SqlTrouble;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    private final SpoolTable table;
    private final SpoolShuttle shuttle;
    private final TransactionTemplate transactions;

    /** How many rows the next lot of a topic has whose last one failed. */
    private final Map<String, Integer> sizes = new HashMap<>();

    SpoolLots(SpoolTable table, SpoolShuttle shuttle, DataSource dataSource) {
        this.table = table;
        this.shuttle = shuttle;
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    }

    /**
     * What became of the topic's next rows.
     *
     * @param after the id behind which to look
     * @param most rows
     * @throws RuntimeException if the database has trouble; the next lot is smaller
     */
    SpoolShuttle.Landing move(String topic, long after, int most) {
        int rows = Math.min(most, sizes.getOrDefault(topic, ROWS));
        try {
            SpoolShuttle.Landing landing = transacted(topic, after, rows);
            sizes.computeIfPresent(topic, (_, size) -> size >= ROWS / 2 ? null : 2 * size);
            return landing;
        } catch (RuntimeException e) {
            if (rows == 1) {
                return alone(topic, after, e);
            }
            sizes.put(topic, rows / 2);
            if (ownFault(e)) {
                return move(topic, after, rows / 2);
            }
            throw e;
        }
    }

    private SpoolShuttle.Landing transacted(String topic, long after, int rows) {
        return transactions.execute(
                _ -> {
                    List<SpoolEntry.Stored> taken = table.take(topic, after, rows, BYTES, WITHIN);
                    SpoolShuttle.Landing landing = shuttle.send(taken, WITHIN);
                    if (!landing.landed().isEmpty()) {
                        table.delete(landing.landed());
                    }
                    landing.refused().forEach(table::setAside);
                    return landing;
                });
    }

    /** One row that cannot be moved is not to keep those behind it. */
    private SpoolShuttle.Landing alone(String topic, long after, RuntimeException cause) {
        Long id = table.oldest(topic, after);
        if (id == null) {
            throw cause;
        }
        if (!ownFault(cause)) {
            return new SpoolShuttle.Landing(1, List.of(), Map.of(), cause.toString(), id);
        }
        String reason = reason(cause);
        table.setAside(id, reason);
        return new SpoolShuttle.Landing(1, List.of(), Map.of(id, reason), null, id);
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
