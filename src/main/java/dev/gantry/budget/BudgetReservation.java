package dev.gantry.budget;

import dev.gantry.metering.Cost;

/** What a call may cost, set aside before it is made. Neither method waits. */
public interface BudgetReservation {
    /** Where no session's cap applies. */
    BudgetReservation NONE =
            new BudgetReservation() {
                @Override
                public void settle(Cost cost) {}

                @Override
                public void release() {}
            };

    /**
     * The call was made: what it has cost is spent; where nobody knows, its projection stays spent.
     * Once.
     */
    void settle(Cost cost);

    /** The call was not made. Once. */
    void release();
}
