/** Climbs the route until an answer, a refusal or the deadline. */
@NullMarked
package dev.gantry.escalation;

import org.jspecify.annotations.NullMarked;
