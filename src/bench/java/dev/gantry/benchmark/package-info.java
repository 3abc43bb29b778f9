/**
 * Figures, not tests: each is run by hand and prints a table. The commands are in
 * src/docs/develop.md.
 */
@NullMarked
package dev.gantry.benchmark;

import org.jspecify.annotations.NullMarked;
