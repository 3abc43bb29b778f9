/** House rules held by tests: the package map and the format. */
@NullMarked
package dev.gantry.convention;

import org.jspecify.annotations.NullMarked;
