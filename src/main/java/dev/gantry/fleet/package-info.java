/** What the workers of a fleet share in PostgreSQL: the schema and who is alive. */
@NullMarked
package dev.gantry.fleet;

import org.jspecify.annotations.NullMarked;
