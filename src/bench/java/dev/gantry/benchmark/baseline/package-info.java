/**
 * What users would pick instead: each a small program that polls, makes the same call and produces
 * a result and a meter record. All are started with the same arguments and say "partitions
 * assigned" when they take requests.
 */
@NullMarked
package dev.gantry.benchmark.baseline;

import org.jspecify.annotations.NullMarked;
