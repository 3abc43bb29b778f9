/** The commands beside work: submit, collect, migrate, simulate. */
@NullMarked
package dev.gantry.cli;

import org.jspecify.annotations.NullMarked;
