package dev.gantry.escalation;

import dev.gantry.classification.Classification;
import dev.gantry.classification.Classifier;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.memory.Hold;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Makes one call and says what came of it. */
public final class LaneCall {
    private static final Logger LOG = LoggerFactory.getLogger(LaneCall.class);

    private final Function<CallTarget, Provider> providers;
    private final Classifier classifier;
    private final InstantSource clock;
    private final LongSupplier nanos;

    /**
     * @param providers who makes the calls to a target
     * @param nanos a monotonic clock
     */
    public LaneCall(
            Function<CallTarget, Provider> providers,
            Classifier classifier,
            InstantSource clock,
            LongSupplier nanos) {
        this.providers = providers;
        this.classifier = classifier;
        this.clock = clock;
        this.nanos = nanos;
    }

    /**
     * A call about to be made.
     *
     * @param recorded whether the dispatch is safe on the meter: nothing is sent before
     * @param inPlace whether it is the retry of the call before
     * @param epoch of the lane's circuits
     * @param began on the fleet's clock
     */
    record Plan(
            InferenceRequest request,
            Lane lane,
            Attempt.Dispatch dispatch,
            CallMode mode,
            boolean recorded,
            boolean inPlace,
            long epoch,
            Instant began) {}

    /** An unchecked exception is a bug of ours: it ends the attempt, metered as far as known. */
    Step make(Plan plan, Cancellation cancellation, Hold hold) {
        long began = nanos.getAsLong();
        ProviderReply reply = null;
        try {
            Duration timeout =
                    Dispatches.timeout(plan.request(), plan.lane(), plan.mode(), clock.instant());
            reply = reply(plan, timeout, cancellation, hold);
            boolean cutShort =
                    !plan.recorded()
                            || timeout.compareTo(Dispatches.whole(plan.lane(), plan.mode())) < 0;
            return judged(plan, since(began), reply, cutShort);
        } catch (RuntimeException bug) {
            LOG.atError()
                    .addKeyValue("requestId", plan.request().id())
                    .addKeyValue("lane", plan.lane().id())
                    .setCause(bug)
                    .log("attempt ended by a bug");
            return broken(plan, since(began), reply, bug);
        }
    }

    /**
     * Writing the dispatch ahead takes time, a whole broker outage at worst. That time is the
     * request's, not the lane's: the call still has all of the lane's timeout, unless the request's
     * deadline is nearer.
     */
    private ProviderReply reply(Plan plan, Duration timeout, Cancellation cancellation, Hold hold) {
        if (cancellation.cancelled()) {
            return new Cancelled(false);
        }
        return plan.recorded() && timeout.isPositive()
                ? providers
                        .apply(plan.lane().target())
                        .call(plan.request(), plan.dispatch(), timeout, cancellation, hold)
                : new TimedOut(Duration.ZERO, false);
    }

    private Step judged(Plan plan, Duration took, ProviderReply reply, boolean cutShort) {
        String vendor = plan.lane().target().vendor();
        Classification failure =
                classifier.classify(reply, plan.request(), vendor, clock.instant()).orElse(null);
        AttemptError error = failure == null ? null : error(failure, reply);
        Attempt attempt = new Attempt(plan.dispatch(), took, answer(reply), error);
        return new Step(
                plan.lane(),
                attempt,
                Remedy.of(reply, failure),
                Charge.of(attempt, plan.mode()),
                failure == null ? null : Diagnosis.of(failure, reply, cutShort),
                plan.inPlace(),
                plan.epoch(),
                plan.began(),
                null);
    }

    private static Step broken(
            Plan plan, Duration took, @Nullable ProviderReply reply, RuntimeException bug) {
        AttemptError error =
                new AttemptError(
                        ErrorKind.INTERNAL,
                        "bug: " + bug.getClass().getSimpleName(),
                        "bug: " + bug.getClass().getSimpleName(),
                        null,
                        null,
                        reply == null || submitted(reply),
                        false);
        Answer answer = reply == null ? null : answer(reply);
        return new Step(
                plan.lane(),
                new Attempt(plan.dispatch(), took, answer, error),
                Remedy.BUG,
                Charge.ATTEMPT,
                null,
                plan.inPlace(),
                plan.epoch(),
                plan.began(),
                null);
    }

    private static AttemptError error(Classification failure, ProviderReply reply) {
        return new AttemptError(
                failure.kind(),
                failure.message(),
                failure.reason(),
                failure.code(),
                failure.retryAfter(),
                submitted(reply),
                reply instanceof Unreachable(Obstacle obstacle, _) && obstacle == Obstacle.REFUSED);
    }

    private static @Nullable Answer answer(ProviderReply reply) {
        return reply instanceof Answered(Answer answer, _) ? answer : null;
    }

    private static boolean submitted(ProviderReply reply) {
        return switch (reply) {
            case Answered _, Cut _, TooLarge _, Undecodable _ -> true;
            case Unreachable _ -> false;
            case TimedOut(_, boolean submitted) -> submitted;
            case Cancelled(boolean submitted) -> submitted;
        };
    }

    private Duration since(long began) {
        return Duration.ofNanos(nanos.getAsLong() - began);
    }
}
