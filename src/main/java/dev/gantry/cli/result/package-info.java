/** A batch's results: who is expected, who has answered, the files and the sums. */
@NullMarked
package dev.gantry.cli.result;

import org.jspecify.annotations.NullMarked;
