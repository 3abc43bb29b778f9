/** House rules held by tests: the package map, the format, and papers that are true. */
@NullMarked
package dev.gantry.convention;

import org.jspecify.annotations.NullMarked;
