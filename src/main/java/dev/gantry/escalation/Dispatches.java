package dev.gantry.escalation;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.RequestBody;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Prepares calls. Each is adapted from the request as it came, so that what one lane could not take
 * is not missing at the next.
 */
final class Dispatches {
    private static final Set<String> OUTPUT_LIMITS =
            Set.of("max_completion_tokens", "max_output_tokens", "max_tokens");

    private static final Duration LONGEST_PROBE = Duration.ofMinutes(1);

    private Dispatches() {}

    /**
     * @param timeout of the call, see {@link #timeout}
     */
    static Attempt.Dispatch of(
            InferenceRequest request,
            Next.Choice choice,
            AttemptId id,
            Duration timeout,
            Instant now) {
        Lane lane = choice.lane();
        RequestBody.Facts facts = request.body().facts();
        return new Attempt.Dispatch(
                id,
                choice.kind(),
                lane.id(),
                adapted(request.body(), lane),
                choice.reason(),
                now,
                now.plus(timeout),
                projectedInput(facts, lane),
                projectedOutput(facts, lane));
    }

    /**
     * How long a call may take: the lane's own timeout, a probe at most a minute and a third of the
     * time left, so that a failed one leaves the request time for another lane.
     */
    static Duration timeout(InferenceRequest request, Lane lane, CallMode mode, Instant now) {
        Duration left = request.deadline().left(now);
        return switch (mode) {
            case PLAIN -> shorter(whole(lane, mode), left);
            case PROBE -> shorter(whole(lane, mode), left.dividedBy(3));
        };
    }

    /**
     * How long a call takes that has all the time it could use: beyond it, the lane is to blame.
     */
    static Duration whole(Lane lane, CallMode mode) {
        return switch (mode) {
            case PLAIN -> lane.timeout();
            case PROBE -> shorter(lane.timeout(), LONGEST_PROBE);
        };
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Adaptation adapted(RequestBody body, Lane lane) {
        OutputLimit limit = limit(body.facts(), lane);
        List<String> dropped =
                body.members().stream()
                        .filter(
                                member ->
                                        lane.unsupportedParameters().contains(member.name())
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
