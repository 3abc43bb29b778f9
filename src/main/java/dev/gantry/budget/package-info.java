/**
 * What calls may cost: caps, and the ledger that the fleet shares, in which a call's projected cost
 * is set aside before it is made and settled after. Requests without a cap touch nothing of it.
 */
@NullMarked
package dev.gantry.budget;

import org.jspecify.annotations.NullMarked;
