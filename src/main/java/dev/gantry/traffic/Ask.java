package dev.gantry.traffic;

import java.time.Instant;
import java.util.List;

/**
 * What a request asks of the traffic.
 *
 * @param candidates in the order of preference; at least one
 * @param deadline when the request gives up waiting
 * @param mayProbe whether it may carry a probe: it has attempts to spare and is not critical
 * @param whenBenched what to do when every candidate is benched
 */
public record Ask(
        List<Candidate> candidates, Instant deadline, boolean mayProbe, WhenBenched whenBenched) {
    public Ask {
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("nothing is asked for");
        }
    }

    /** What to do when every candidate is benched. */
    public enum WhenBenched {
        WAIT,
        FAIL
    }
}
