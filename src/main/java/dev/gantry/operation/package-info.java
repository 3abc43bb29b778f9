/** The operations that a request may ask for: a class each. */
@NullMarked
package dev.gantry.operation;

import org.jspecify.annotations.NullMarked;
