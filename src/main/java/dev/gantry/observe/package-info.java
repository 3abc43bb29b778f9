/**
 * What can be seen of a running worker: health, metrics, the intake page, one log line per request.
 */
@NullMarked
package dev.gantry.observe;

import org.jspecify.annotations.NullMarked;
