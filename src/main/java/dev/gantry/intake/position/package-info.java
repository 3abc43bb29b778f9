/** Where a partition goes on, and what is said where that is not where it was left. */
@NullMarked
package dev.gantry.intake.position;

import org.jspecify.annotations.NullMarked;
