/** What circuits decide, and that a fleet agrees on it. */
@NullMarked
package dev.gantry.circuit;

import org.jspecify.annotations.NullMarked;
