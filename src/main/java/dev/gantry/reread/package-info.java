/**
 * Fetches single records again, for requests that waited without their bodies, and reads logs that
 * the client would trip over.
 */
@NullMarked
package dev.gantry.reread;

import org.jspecify.annotations.NullMarked;
