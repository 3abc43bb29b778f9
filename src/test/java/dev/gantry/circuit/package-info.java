@NullMarked
package dev.gantry.circuit;

import org.jspecify.annotations.NullMarked;
