/** What a worker may hold in memory, and what happens when there is none left. */
@NullMarked
package dev.gantry.memory;

import org.jspecify.annotations.NullMarked;
