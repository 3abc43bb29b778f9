package dev.gantry.outbox;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.Duration;

import javax.sql.DataSource;

/**
 * Transactions that end at the database as well: a client that gives up on a statement does not
 * stop it, and a worker that is stopped in the middle, neither dead nor alive, would keep its rows
 * for ever.
 */
final class BoundedTransactions {
    /** The database is the first to give up, so that nothing runs on that nobody waits for. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final String BOUND =
            """
            select set_config('idle_in_transaction_session_timeout', ?, true),
                set_config('statement_timeout', ?, true)
            """;

    private final TransactionTemplate transactions;
    private final JdbcTemplate jdbc;

    BoundedTransactions(DataSource dataSource) {
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * @param idle how long this worker may be busy with other things between two statements
     * @param statement how long each statement may take
     */
    <T> T run(Duration idle, Duration statement, TransactionCallback<T> work) {
        return transactions.execute(
                status -> {
                    bound(idle, statement);
                    return work.doInTransaction(status);
                });
    }

    private void bound(Duration idle, Duration statement) {
        jdbc.query(BOUND, _ -> {}, millis(idle), millis(statement));
        int silence = Math.toIntExact(statement.plus(GRACE).toMillis());
        ConnectionCallback<Boolean> patience =
                connection -> {
                    connection.setNetworkTimeout(Runnable::run, silence);
                    return true;
                };
        jdbc.execute(patience);
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
