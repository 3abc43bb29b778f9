/** The commands of those who run the fleet: lanes and spool. */
@NullMarked
package dev.gantry.cli.operator;

import org.jspecify.annotations.NullMarked;
