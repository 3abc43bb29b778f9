package dev.gantry.admission;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * What a request asks of admission control.
 *
 * @param candidates in the order of preference; at least one
 * @param deadline when the request gives up waiting
 * @param again when it would be asked again what it wants; its wait is over then without a permit
 * @param mayProbe whether it may carry a probe: it is not critical and goes on after a failed one,
 *     or has no other way
 * @param whenBenched what to do when every candidate is benched
 * @param wider what it would ask for instead where all are benched and it may not wait; null: there
 *     is nothing else
 */
public record AdmissionRequest(
        List<Candidate> candidates,
        Instant deadline,
        Instant again,
        boolean mayProbe,
        WhenBenched whenBenched,
        @Nullable AdmissionRequest wider) {
    /** One that wants the same until its deadline. */
    public AdmissionRequest(
            List<Candidate> candidates,
            Instant deadline,
            boolean mayProbe,
            WhenBenched whenBenched) {
        this(candidates, deadline, deadline, mayProbe, whenBenched, null);
    }

    public AdmissionRequest {
        candidates = List.copyOf(candidates);
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("nothing is asked for");
        }
    }

    public boolean wants(LaneId lane) {
        return candidates.stream().anyMatch(each -> each.lane().equals(lane));
    }

    /** Whether the lane has failed this request. */
    boolean failedOn(LaneId lane) {
        for (Candidate each : candidates) {
            if (each.lane().equals(lane)) {
                return each.past() == Candidate.Past.FAILED;
            }
        }
        return false;
    }
}
