/** The consumer as a member of its group: made, watched, and replaced when it breaks for good. */
@NullMarked
package dev.gantry.intake.membership;

import org.jspecify.annotations.NullMarked;
