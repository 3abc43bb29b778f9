/** What PostgreSQL keeps beside the spool: oversize answers, and which requests are finished. */
@NullMarked
package dev.gantry.kept;

import org.jspecify.annotations.NullMarked;
