package dev.gantry.escalation;

import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How far a request has come: what each call came to. A value; every move gives a new one. */
record Trail(List<Step> steps) {
    static final Trail EMPTY = new Trail(List.of());

    Trail {
        steps = List.copyOf(steps);
    }

    Trail with(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new Trail(more);
    }

    /** Of an answer that did not end the request, nothing needs the body any more. */
    Trail bodiless() {
        Step last = last();
        if (last == null || last.attempt().answer() == null) {
            return this;
        }
        List<Step> same = new ArrayList<>(steps);
        same.set(steps.size() - 1, last.bodiless());
        return new Trail(same);
    }

    AttemptId nextId(InferenceRequest request) {
        return request.attempt(steps.size() + 1);
    }

    @Nullable Step last() {
        return steps.isEmpty() ? null : steps.getLast();
    }

    @Nullable Step lastOn(Lane lane) {
        Step last = null;
        for (Step step : steps) {
            if (step.lane().id().equals(lane.id())) {
                last = step;
            }
        }
        return last;
    }

    List<Attempt> attempts() {
        return steps.stream().map(Step::attempt).toList();
    }

    /** How often the lane was called, a retry in place not counted. */
    int visits(Lane lane) {
        int visits = 0;
        for (Step step : steps) {
            if (!step.inPlace() && step.lane().id().equals(lane.id())) {
                visits++;
            }
        }
        return visits;
    }

    /**
     * Visits that used an attempt: an in-place retry is part of its lane's visit, so a visit uses
     * at most one. (A visit that was first refused and then failed uses one: its second call may
     * have been billed.)
     */
    int attemptsUsed() {
        int used = 0;
        boolean counted = false;
        for (Step step : steps) {
            counted = counted && step.inPlace();
            if (!counted && step.charge() == Charge.ATTEMPT) {
                counted = true;
                used++;
            }
        }
        return used;
    }

    int refusals() {
        return (int) steps.stream().filter(step -> step.charge() == Charge.REFUSAL).count();
    }

    /** The lanes whose visits used an attempt. */
    Set<LaneId> charged() {
        Set<LaneId> lanes = new HashSet<>();
        for (Step step : steps) {
            if (step.charge() == Charge.ATTEMPT) {
                lanes.add(step.lane().id());
            }
        }
        return lanes;
    }

    /**
     * Whether a call of this request has been counted as a failure of the lane: one logical request
     * counts once, so its later calls there count neither as calls nor as failures. (A probe is its
     * circuit's matter, and a refusal that benches at one hit is counted nowhere.)
     */
    boolean hasToldOf(Lane lane) {
        return steps.stream()
                .filter(step -> step.lane().id().equals(lane.id()))
                .anyMatch(Trail::counted);
    }

    private static boolean counted(Step step) {
        return step.failure() != null
                && !step.judgedLater()
                && step.attempt().dispatch().kind() != AttemptKind.PROBE
                && step.failure().counted();
    }

    /**
     * One request opens one circuit at most: if it has opened one, what else it meets may be its
     * own doing, and counts with what others meet. A stated wait is short, and ends by itself.
     */
    LaneFailure believed(LaneFailure failure) {
        boolean opened = steps.stream().anyMatch(step -> step.opening() != null);
        return opened && failure.kind() != ErrorKind.RATE_LIMIT
                ? new LaneFailure(
                        failure.kind(),
                        LaneFailure.Reach.LANE,
                        failure.retryAfter(),
                        failure.reason(),
                        LaneFailure.Proof.SUSPICION)
                : failure;
    }
}
