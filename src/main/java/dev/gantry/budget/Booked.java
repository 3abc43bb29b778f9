package dev.gantry.budget;

import java.math.BigDecimal;

/**
 * The ledger's answer to an entry.
 *
 * @param granted whether a reservation stands; true for all other entries
 * @param spent of the session in US dollars, as the entry found it: settled, or in doubt
 * @param reserved likewise, by calls that nobody has told the end of
 */
record Booked(boolean granted, BigDecimal spent, BigDecimal reserved) {
    /** Of a session that the ledger does not know. */
    static final Booked NOTHING = new Booked(true, BigDecimal.ZERO, BigDecimal.ZERO);

    /** All that a cap counts. */
    BigDecimal total() {
        return spent.add(reserved);
    }
}
