/** How background work goes on: one kind of loop, one kind of pause after failures, one timer. */
@NullMarked
package dev.gantry.concurrent;

import org.jspecify.annotations.NullMarked;
