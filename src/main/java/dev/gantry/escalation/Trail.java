package dev.gantry.escalation;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How far a request has come: the lanes it has used up and what each call came to. A value; every
 * move gives a new one.
 *
 * @param consumed lanes that are not chosen again, whatever became of the call
 */
record Trail(Set<LaneId> consumed, List<Step> steps) {
    static final Trail EMPTY = new Trail(Set.of(), List.of());

    Trail {
        consumed = Set.copyOf(consumed);
        steps = List.copyOf(steps);
    }

    Trail consume(Lane lane) {
        Set<LaneId> more = new HashSet<>(consumed);
        more.add(lane.id());
        return new Trail(more, steps);
    }

    Trail with(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new Trail(consumed, more);
    }

    AttemptId nextId(InferenceRequest request) {
        return request.attempt(steps.size() + 1);
    }

    boolean untried(Lane lane) {
        return !consumed.contains(lane.id());
    }

    @Nullable Step last() {
        return steps.isEmpty() ? null : steps.getLast();
    }

    List<Attempt> attempts() {
        return steps.stream().map(Step::attempt).toList();
    }

    /**
     * Visits of a lane that used an attempt: an in-place retry is part of its lane's visit, so a
     * visit uses at most one. (A visit that was first refused and then failed uses one: its second
     * call may have been billed.)
     */
    int attemptsUsed() {
        return charged().size();
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
}
