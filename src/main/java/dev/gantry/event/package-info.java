/**
 * What is said: bodies and envelopes of results, meter readings, audit and routing events, as
 * records ready to go.
 */
@NullMarked
package dev.gantry.event;

import org.jspecify.annotations.NullMarked;
