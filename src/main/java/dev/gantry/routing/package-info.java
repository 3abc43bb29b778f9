/** Chooses the lanes for a request, in order; pure. */
@NullMarked
package dev.gantry.routing;

import org.jspecify.annotations.NullMarked;
