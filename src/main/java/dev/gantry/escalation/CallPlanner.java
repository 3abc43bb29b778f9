package dev.gantry.escalation;

import static java.util.Objects.requireNonNull;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.PlannedCall.Terms;
import dev.gantry.escalation.PlannedCall.Visit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestBody;
import dev.gantry.repair.Adaptations;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * Prepares calls. Each is adapted from the request as it came, so that what one lane could not take
 * is not missing at the next.
 */
final class CallPlanner {
    private static final Duration LONGEST_PROBE = Duration.ofMinutes(1);

    private CallPlanner() {}

    /**
     * What the call of a lane would be that the request is let onto.
     *
     * @param probe whether it is the fleet's probe of a half-open lane
     */
    static PlannedCall plan(RunState state, LaneId id, boolean probe) {
        AttemptHistory history = state.history();
        Visit visit = history.hasCounted(id) ? Visit.AGAIN : Visit.COUNTED;
        AttemptKind kind = probe ? AttemptKind.PROBE : kind(history.last(), id);
        Lane lane = lane(state.route(), id);
        return new PlannedCall(
                history.nextId(state.request()),
                lane,
                kind,
                visit,
                reason(kind, history.last()),
                repair(state, lane),
                0,
                Terms.of(state.route(), id));
    }

    /** What the second call of a race would be. */
    static PlannedCall beside(RunState state, PlannedCall primary, LaneId id) {
        Lane lane = lane(state.route(), id);
        return new PlannedCall(
                state.request().attempt(primary.id().number() + 1),
                lane,
                AttemptKind.HEDGE,
                state.history().hasCounted(id) ? Visit.AGAIN : Visit.COUNTED,
                "race with " + primary.lane().id(),
                repair(state, lane),
                0,
                Terms.of(state.route(), id));
    }

    /** What the lane has already made of this request, or else what it refuses of others. */
    private static Repair repair(RunState state, Lane lane) {
        return state.history().lastOn(lane.id()) instanceof Called last
                ? RepairRules.after(last)
                : state.lanes().learnt(lane, state.request().body());
    }

    /** The same lane at once. */
    static PlannedCall plan(RunState state, Next.Retry retry) {
        Called last = requireNonNull(state.history().last(), "a retry follows a call");
        boolean repeats = state.policy().action(last) == FailoverAction.SAME_LANE;
        return new PlannedCall(
                state.history().nextId(state.request()),
                lane(state.route(), retry.lane().id()),
                last.plan().probe() ? AttemptKind.PROBE : AttemptKind.RETRY,
                Visit.IN_PLACE,
                retry.reason(),
                retry.repair(),
                last.plan().repeat() + (repeats ? 1 : 0),
                Terms.of(state.route(), retry.lane().id()));
    }

    private static AttemptKind kind(@Nullable Called last, LaneId id) {
        if (last == null) {
            return AttemptKind.PRIMARY;
        }
        return last.lane().id().equals(id) ? AttemptKind.RETRY : AttemptKind.FAILOVER;
    }

    private static String reason(AttemptKind kind, @Nullable Called last) {
        return switch (kind) {
            case PROBE -> "probe of a half-open lane";
            case RETRY -> "again " + after(last);
            case FAILOVER, HEDGE -> "failover " + after(last);
            case PRIMARY -> "primary";
        };
    }

    static String after(@Nullable Called last) {
        if (last == null) {
            return "after nothing";
        }
        ErrorKind kind = last.kind();
        return "after " + (kind == null ? "success" : kind.label()) + " on " + last.lane().id();
    }

    private static Lane lane(Route route, LaneId id) {
        for (Lane lane : route.lanes()) {
            if (lane.id().equals(id)) {
                return lane;
            }
        }
        throw new IllegalStateException(id + " is not on the route");
    }

    /** What is known of the call before a byte is sent. */
    static Attempt.Dispatch dispatch(InferenceRequest request, PlannedCall plan, Instant now) {
        Lane lane = plan.lane();
        RequestBody.Facts facts = request.body().facts();
        return new Attempt.Dispatch(
                plan.id(),
                plan.kind(),
                lane.id(),
                Adaptations.of(request, lane, plan.repair()),
                plan.reason(),
                now,
                now.plus(timeout(request, plan, now)),
                projectedInput(facts, lane),
                projectedOutput(request, plan),
                plan.terms().step(),
                plan.terms().assignment());
    }

    /**
     * How long a call may take: the lane's own timeout, or a policy's where that is shorter; a
     * probe at most a minute and a third of the time left, so that a failed one leaves the request
     * time for another lane.
     */
    static Duration timeout(InferenceRequest request, PlannedCall plan, Instant now) {
        Duration left = request.deadline().left(now);
        Duration usual = shorter(whole(plan), plan.probe() ? left.dividedBy(3) : left);
        Duration asked = plan.terms().timeout();
        return asked == null ? usual : shorter(usual, asked);
    }

    /**
     * How long a call takes that has all the time it could use: beyond it, the lane is to blame.
     */
    static Duration whole(PlannedCall plan) {
        Duration own = plan.lane().timeout();
        return plan.probe() ? shorter(own, LONGEST_PROBE) : own;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** What is elsewhere cannot be estimated, only bound. */
    private static @Nullable Long projectedInput(RequestBody.Facts facts, Lane lane) {
        if (facts.mediaElsewhere()) {
            return lane.contextWindow();
        }
        return facts.estimatedInputTokens();
    }

    /** Every choice is billed; null where neither request nor model sets a limit. */
    private static @Nullable Long projectedOutput(InferenceRequest request, PlannedCall plan) {
        if (!request.operation().tokens().hasOutput()) {
            return 0L;
        }
        RequestBody.Facts facts = request.body().facts();
        Lane lane = plan.lane();
        Long each = Adaptations.mostOutput(facts, lane, plan.repair());
        return each == null ? null : facts.ofAllChoices(each);
    }
}
