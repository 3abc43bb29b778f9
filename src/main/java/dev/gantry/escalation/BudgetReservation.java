package dev.gantry.escalation;

import dev.gantry.escalation.AttemptHistory.Called;

/** What a call may cost, set aside before it is made. */
interface BudgetReservation {
    /** Where no cap applies. */
    BudgetReservation NONE =
            new BudgetReservation() {
                @Override
                public void settle(Called call) {}

                @Override
                public void release() {}
            };

    /** The call was made: what it has cost is spent. Once. */
    void settle(Called call);

    /** The call was not made. Once. */
    void release();
}
