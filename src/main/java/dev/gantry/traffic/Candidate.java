package dev.gantry.traffic;

import dev.gantry.inference.LaneId;

import java.time.Instant;

/**
 * A lane that a request would take.
 *
 * @param from not before; a lane that has just failed this request rests a while
 */
public record Candidate(LaneId lane, Instant from) {}
