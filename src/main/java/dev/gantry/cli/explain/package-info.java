/** The command that tells what would become of the lines of a batch file. */
@NullMarked
package dev.gantry.cli.explain;

import org.jspecify.annotations.NullMarked;
