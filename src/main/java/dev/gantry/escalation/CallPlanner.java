package dev.gantry.escalation;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.PlannedCall.Repair;
import dev.gantry.escalation.PlannedCall.Visit;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.RequestBody;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Prepares calls. Each is adapted from the request as it came, so that what one lane could not take
 * is not missing at the next.
 */
final class CallPlanner {
    private static final Set<String> OUTPUT_LIMITS =
            Set.of("max_completion_tokens", "max_output_tokens", "max_tokens");

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
        return new PlannedCall(
                history.nextId(state.request()),
                lane(state.route(), id),
                kind,
                visit,
                reason(kind, history.last()),
                Repair.NONE);
    }

    /** The same lane at once. */
    static PlannedCall plan(RunState state, Next.Retry retry) {
        return new PlannedCall(
                state.history().nextId(state.request()),
                lane(state.route(), retry.lane().id()),
                AttemptKind.RETRY,
                Visit.IN_PLACE,
                retry.reason(),
                retry.repair());
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
                adapted(request.body(), plan),
                plan.reason(),
                now,
                now.plus(timeout(request, plan, now)),
                projectedInput(facts, lane),
                projectedOutput(facts, lane));
    }

    /**
     * How long a call may take: the lane's own timeout, a probe at most a minute and a third of the
     * time left, so that a failed one leaves the request time for another lane.
     */
    static Duration timeout(InferenceRequest request, PlannedCall plan, Instant now) {
        Duration left = request.deadline().left(now);
        return shorter(whole(plan), plan.probe() ? left.dividedBy(3) : left);
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

    private static Adaptation adapted(RequestBody body, PlannedCall plan) {
        Lane lane = plan.lane();
        OutputLimit limit = limit(body.facts(), lane);
        List<String> dropped =
                body.members().stream()
                        .filter(
                                member ->
                                        lane.unsupportedParameters().contains(member.name())
                                                || plan.repair().dropped().contains(member.name())
                                                || idle(member, body, lane))
                        .map(RequestBody.Member::name)
                        .toList();
        return new Adaptation(lane.id().model(), limit, dropped);
    }

    /**
     * A limit that is none: -1 means nothing to most servers, and null is refused by models that
     * know the limit by another name.
     */
    private static boolean idle(RequestBody.Member member, RequestBody body, Lane lane) {
        if (!OUTPUT_LIMITS.contains(member.name())) {
            return false;
        }
        return switch (body.bytes()[member.valueStart()]) {
            case '-' -> true;
            case 'n' -> !member.name().equals(lane.maxTokensField());
            default -> false;
        };
    }

    private static @Nullable OutputLimit limit(RequestBody.Facts facts, Lane lane) {
        Long tokens = facts.requestedOutputTokens();
        if (tokens == null || lane.unsupportedParameters().contains(lane.maxTokensField())) {
            return null;
        }
        return new OutputLimit(lane.maxTokensField(), atMost(tokens, lane.maxOutputTokens()));
    }

    /** What is elsewhere cannot be estimated, only bound. */
    private static @Nullable Long projectedInput(RequestBody.Facts facts, Lane lane) {
        if (facts.mediaElsewhere()) {
            return lane.contextWindow();
        }
        return facts.estimatedInputTokens();
    }

    /** Every choice is billed; null where neither request nor model sets a limit. */
    private static @Nullable Long projectedOutput(RequestBody.Facts facts, Lane lane) {
        if (lane.id().type() == ModelType.EMBEDDING) {
            return 0L;
        }
        OutputLimit limit = limit(facts, lane);
        Long each = limit == null ? lane.maxOutputTokens() : Long.valueOf(limit.tokens());
        return each == null ? null : saturated(each, facts.choices());
    }

    private static long atMost(long tokens, @Nullable Long ceiling) {
        return ceiling == null ? tokens : Math.min(tokens, ceiling);
    }

    /** A product too large to count is still only the most that could be billed. */
    private static long saturated(long each, long choices) {
        return Math.multiplyHigh(each, choices) == 0 && each * choices >= 0
                ? each * choices
                : Long.MAX_VALUE;
    }
}
