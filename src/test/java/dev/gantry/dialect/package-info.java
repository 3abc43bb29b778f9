/** What holds of every dialect. */
@NullMarked
package dev.gantry.dialect;

import org.jspecify.annotations.NullMarked;
