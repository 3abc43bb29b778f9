package dev.gantry.budget;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.SchemaName;

/** Where nothing is capped: whoever asks this ledger gets no answer. */
public final class UntouchedLedger {
    private UntouchedLedger() {}

    public static BudgetLedger of() {
        return new BudgetLedger(new HikariDataSource(), new SchemaName("untouched"));
    }
}
