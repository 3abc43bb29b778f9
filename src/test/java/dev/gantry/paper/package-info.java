/**
 * Whether the papers (README, {@code src/docs}) are true: what they show works, what they name
 * exists.
 */
@NullMarked
package dev.gantry.paper;

import org.jspecify.annotations.NullMarked;
