package dev.gantry.budget;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.concurrent.Backoff;
import dev.gantry.fleet.SchemaName;

import java.time.Duration;

import javax.sql.DataSource;

/** For tests of those who ask a ledger. */
public final class Ledgers {
    private Ledgers() {}

    /** Where nothing is capped: whoever asks this one gets no answer. */
    public static BudgetLedger untouched() {
        return new BudgetLedger(new HikariDataSource(), new SchemaName("untouched"));
    }

    /** Taken for silent after so long, whatever a busy machine makes of the shipped time. */
    public static BudgetLedger silentAfter(
            Duration patience, DataSource dataSource, SchemaName schema) {
        return new BudgetLedger(
                new BudgetTable(dataSource, schema),
                patience,
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2)),
                Duration.ofMinutes(1),
                Duration.ofSeconds(2));
    }
}
