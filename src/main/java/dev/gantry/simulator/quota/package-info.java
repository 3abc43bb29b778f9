/** A provider's limits at work: requests and tokens in a time, calls at once. */
@NullMarked
package dev.gantry.simulator.quota;

import org.jspecify.annotations.NullMarked;
