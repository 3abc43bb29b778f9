/** The rows through which the fleet agrees, and what goes over the channel when they change. */
@NullMarked
package dev.gantry.circuit.table;

import org.jspecify.annotations.NullMarked;
