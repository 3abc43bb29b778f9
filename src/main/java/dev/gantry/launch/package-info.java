/** Puts the parts together for each command, starts a worker and stops it. */
@NullMarked
package dev.gantry.launch;

import org.jspecify.annotations.NullMarked;
