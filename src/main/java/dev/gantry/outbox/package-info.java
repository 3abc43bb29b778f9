/**
 * How records get there: the publisher, the spool and its drain, and what is kept until it is safe.
 */
@NullMarked
package dev.gantry.outbox;

import org.jspecify.annotations.NullMarked;
