/**
 * Which lanes are open: each circuit's pure state, and the table through which the fleet agrees.
 */
@NullMarked
package dev.gantry.circuit;

import org.jspecify.annotations.NullMarked;
