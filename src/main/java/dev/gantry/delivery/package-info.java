/**
 * Puts results, meter readings, audit and routing events on Kafka and says when all of a request's
 * records are safe.
 */
@NullMarked
package dev.gantry.delivery;

import org.jspecify.annotations.NullMarked;
