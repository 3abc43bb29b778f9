/** What PostgreSQL keeps beside the spool, on a real one. */
@NullMarked
package dev.gantry.kept;

import org.jspecify.annotations.NullMarked;
