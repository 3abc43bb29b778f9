package dev.gantry.escalation;

import dev.gantry.classification.Basis;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Classifier;
import dev.gantry.classification.Scope;
import dev.gantry.escalation.AttemptHistory.Heard;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.limit.ToldLimits;
import dev.gantry.memory.Hold;
import dev.gantry.provider.CallStream;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.provider.ProviderReply.Untranslatable;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Makes one call and says what came of it. */
public final class LaneCall {
    private static final Logger LOG = LoggerFactory.getLogger(LaneCall.class);

    private final Function<CallTarget, Provider> providers;
    private final Classifier classifier;
    private final ToldLimits limits;
    private final InstantSource clock;
    private final LongSupplier nanos;

    /**
     * @param providers who makes the calls to a target
     * @param limits told of what each answer says of them, as its head comes
     * @param nanos a monotonic clock
     */
    public LaneCall(
            Function<CallTarget, Provider> providers,
            Classifier classifier,
            ToldLimits limits,
            InstantSource clock,
            LongSupplier nanos) {
        this.providers = providers;
        this.classifier = classifier;
        this.limits = limits;
        this.clock = clock;
        this.nanos = nanos;
    }

    /** What came of a call. */
    record Result(Attempt attempt, Heard heard) {}

    /**
     * Makes it. An unchecked exception is a bug of ours: it ends the attempt, metered as far as
     * known.
     */
    Result make(
            InferenceRequest request,
            LaneAttempt.Recorded recorded,
            Cancellation cancellation,
            Hold hold) {
        PlannedCall plan = recorded.plan();
        Attempt.Dispatch dispatch = recorded.dispatch();
        long began = nanos.getAsLong();
        CallStream stream =
                request.streams()
                        ? new CallStream(dispatch.id(), recorded.chunks(), recorded.leads(), nanos)
                        : null;
        ProviderReply reply = null;
        String vendor = plan.lane().target().vendor();
        try {
            Duration timeout = CallPlanner.timeout(request, plan, clock.instant());
            if (cancellation.cancelled()) {
                reply = new Cancelled(false);
            } else if (recorded.safe() && timeout.isPositive()) {
                Provider provider = providers.apply(plan.lane().target());
                reply =
                        provider.call(
                                request,
                                dispatch,
                                timeout,
                                cancellation,
                                hold,
                                DeltaSink.listening(
                                        head ->
                                                limits.heard(
                                                        plan.lane().id(),
                                                        vendor,
                                                        head,
                                                        clock.instant()),
                                        stream == null ? DeltaSink.NONE : stream));
            } else {
                reply = new TimedOut(Duration.ZERO, false);
            }
            boolean cutShort = !recorded.safe() || timeout.compareTo(CallPlanner.whole(plan)) < 0;
            Duration took = since(began);
            Classification failure =
                    classifier.classify(reply, request, vendor, clock.instant()).orElse(null);
            return result(dispatch, took, new Ended(reply, failure, stream), cutShort);
        } catch (RuntimeException bug) {
            LOG.atError()
                    .addKeyValue("request_id", request.id())
                    .addKeyValue("lane", plan.lane().id())
                    .setCause(bug)
                    .log("attempt ended by a bug");
            ProviderReply known = reply == null ? new Cancelled(true) : reply;
            return result(dispatch, since(began), new Ended(known, ofBug(bug), stream), false);
        }
    }

    /**
     * What a call came to.
     *
     * @param failure null: it succeeded
     * @param stream null: its answer was read whole
     */
    private record Ended(
            ProviderReply reply, @Nullable Classification failure, @Nullable CallStream stream) {}

    private static Result result(
            Attempt.Dispatch dispatch, Duration took, Ended ended, boolean cutShort) {
        CallStream stream = ended.stream();
        if (stream != null) {
            stream.ended(ended.failure() == null ? null : ended.failure().kind());
        }
        boolean published = stream != null && stream.published();
        Attempt attempt =
                new Attempt(dispatch, took, end(ended), stream == null ? null : stream.streamed());
        return new Result(
                attempt, new Heard(bare(ended.reply()), ended.failure(), cutShort, published));
    }

    private static Attempt.End end(Ended ended) {
        Answer answer = ended.reply() instanceof Answered(Answer whole, _) ? whole : null;
        if (ended.failure() != null) {
            return new Attempt.End.Failed(error(ended.failure(), ended.reply()), answer);
        }
        if (answer == null) {
            throw new IllegalStateException("a success without an answer");
        }
        return new Attempt.End.Succeeded(answer);
    }

    /** What is kept for the request's whole way. */
    private static ProviderReply bare(ProviderReply reply) {
        return reply instanceof Answered(Answer answer, _)
                ? new Answered(answer.bodiless(), Map.of())
                : reply;
    }

    private static Classification ofBug(RuntimeException bug) {
        String what = "bug: " + bug.getClass().getSimpleName();
        return new Classification(
                ErrorKind.INTERNAL, Scope.REQUEST, what, what, null, null, false, Basis.FACT, null);
    }

    private static AttemptError error(Classification failure, ProviderReply reply) {
        return new AttemptError(
                failure.kind(),
                failure.message(),
                failure.reason(),
                failure.code(),
                failure.retryAfter(),
                submitted(reply),
                failure.kind() == ErrorKind.NETWORK
                        && reply instanceof Unreachable(Obstacle obstacle, _)
                        && obstacle == Obstacle.REFUSED);
    }

    private static boolean submitted(ProviderReply reply) {
        return switch (reply) {
            case Answered _, Cut _, Stalled _, TooLarge _, Undecodable _ -> true;
            case Unreachable _, Untranslatable _ -> false;
            case TimedOut(_, boolean submitted) -> submitted;
            case Cancelled(boolean submitted) -> submitted;
        };
    }

    private Duration since(long began) {
        return Duration.ofNanos(nanos.getAsLong() - began);
    }
}
