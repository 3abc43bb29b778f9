/** How background work goes on: one kind of loop, one kind of pause after failures. */
@NullMarked
package dev.gantry.concurrent;

import org.jspecify.annotations.NullMarked;
