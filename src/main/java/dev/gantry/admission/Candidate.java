package dev.gantry.admission;

import dev.gantry.inference.LaneId;

import java.time.Instant;

/**
 * A lane that a request would take.
 *
 * @param from not before; a lane that has just failed this request rests a while
 * @param past what the lane has done for this request
 */
public record Candidate(LaneId lane, Instant from, Past past) {
    /** One that the request has not called. */
    public Candidate(LaneId lane, Instant from) {
        this(lane, from, Past.UNTRIED);
    }

    /** What became of the request's last call of the lane. */
    public enum Past {
        UNTRIED,
        /** Another request should find out whether the lane is well. */
        FAILED
    }
}
