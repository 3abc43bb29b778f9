package dev.gantry.budget;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/** One line for the ledger; booked twice, it counts once. */
sealed interface BudgetEntry {
    SessionKey session();

    /** Of the reservation. */
    String id();

    /** The word of the migration's function. */
    String deed();

    /** US dollars; null where the entry brings none. */
    default @Nullable BigDecimal amount() {
        return null;
    }

    /** Beyond which it is refused; null: it never is. */
    default @Nullable BigDecimal limit() {
        return null;
    }

    /** Sets a call's projected cost aside, unless the session would pass the limit by it. */
    record Reserve(SessionKey session, String id, BigDecimal projected, @Nullable BigDecimal limit)
            implements BudgetEntry {
        @Override
        public String deed() {
            return "reserve";
        }

        @Override
        public BigDecimal amount() {
            return projected;
        }
    }

    /** What the call has cost for sure; 0 where it was not made. */
    record Settle(SessionKey session, String id, BigDecimal cost) implements BudgetEntry {
        @Override
        public String deed() {
            return "settle";
        }

        @Override
        public BigDecimal amount() {
            return cost;
        }
    }

    /** Nobody knows what it has cost: the projection counts as spent until it is settled. */
    record Doubt(SessionKey session, String id) implements BudgetEntry {
        @Override
        public String deed() {
            return "doubt";
        }
    }
}
