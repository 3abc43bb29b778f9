/** Tests of what can be seen of a worker. */
@NullMarked
package dev.gantry.observe;

import org.jspecify.annotations.NullMarked;
