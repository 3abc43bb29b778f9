/** Asks providers which models they serve, so that lanes come and go with them. */
@NullMarked
package dev.gantry.discovery;

import org.jspecify.annotations.NullMarked;
