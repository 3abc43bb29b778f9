/** What of a partition is done: the ledger, and its map as it travels in commit metadata. Pure. */
@NullMarked
package dev.gantry.intake.offset;

import org.jspecify.annotations.NullMarked;
