/** The dry run: what would become of a request, by the parts that decide it; calls nobody. */
@NullMarked
package dev.gantry.explain;

import org.jspecify.annotations.NullMarked;
