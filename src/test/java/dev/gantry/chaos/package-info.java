/** Breaks brokers, databases and workers by schedule, and counts what is left. */
@NullMarked
package dev.gantry.chaos;

import org.jspecify.annotations.NullMarked;
