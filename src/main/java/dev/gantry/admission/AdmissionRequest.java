package dev.gantry.admission;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.limit.CallSize;

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
 * @param size of the call, which the fleet's limits of tokens count
 * @param topic that the request came from; it takes its turns in line
 */
public record AdmissionRequest(
        List<Candidate> candidates,
        Instant deadline,
        Instant again,
        boolean mayProbe,
        WhenBenched whenBenched,
        @Nullable AdmissionRequest wider,
        CallSize size,
        String topic) {
    /** One whose size and topic are still to be said. */
    public AdmissionRequest(
            List<Candidate> candidates,
            Instant deadline,
            Instant again,
            boolean mayProbe,
            WhenBenched whenBenched,
            @Nullable AdmissionRequest wider) {
        this(candidates, deadline, again, mayProbe, whenBenched, wider, CallSize.NONE, "");
    }

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

    /** The same of a call of this size. */
    public AdmissionRequest sized(CallSize size) {
        return new AdmissionRequest(
                candidates, deadline, again, mayProbe, whenBenched, wider, size, topic);
    }

    /** The same of a call of the request. */
    public AdmissionRequest of(InferenceRequest request) {
        return new AdmissionRequest(
                candidates,
                deadline,
                again,
                mayProbe,
                whenBenched,
                wider,
                CallSize.of(request),
                request.source().topic());
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
