/** The whole path on real parts: broker, database, HTTP, worker processes. */
@NullMarked
package dev.gantry.endtoend;

import org.jspecify.annotations.NullMarked;
