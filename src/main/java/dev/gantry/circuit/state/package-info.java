/** A circuit's state and every move it may make; what lanes and operators mean by it. Pure. */
@NullMarked
package dev.gantry.circuit.state;

import org.jspecify.annotations.NullMarked;
