/**
 * What nobody may read in a log, an event, a page or a message, and how it is taken out of them.
 */
@NullMarked
package dev.gantry.secret;

import org.jspecify.annotations.NullMarked;
