/** What a simulated provider does, as data: latencies, faults, limits, outages. */
@NullMarked
package dev.gantry.simulator.script;

import org.jspecify.annotations.NullMarked;
