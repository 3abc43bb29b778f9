/**
 * Gantry beside what users would pick instead: the same scenario for each, interleaved, each in
 * processes of its own. See src/docs/benchmarks.md.
 */
@NullMarked
package dev.gantry.benchmark.compare;

import org.jspecify.annotations.NullMarked;
