package dev.gantry.escalation;

import dev.gantry.admission.CallFeedback;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Proof;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.classification.Basis;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Scope;
import dev.gantry.escalation.AttemptHistory.Heard;
import dev.gantry.inference.ErrorKind;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;

import org.jspecify.annotations.Nullable;

/**
 * What an ended call says of its lane: the failure table, as far as this reply bears it out.
 *
 * @param failure what it says against the lane's health; null: nothing
 * @param feedback what it tells of the lane's room
 */
record HealthImpact(@Nullable LaneFailure failure, CallFeedback feedback) {
    /** The client closed the connection, nginx says: nobody's fault but ours. */
    private static final int CLIENT_CLOSED = 499;

    static HealthImpact of(Heard heard) {
        Classification failure = heard.failure();
        return failure == null
                ? new HealthImpact(null, CallFeedback.ANSWERED)
                : new HealthImpact(failure(failure, heard), feedback(failure));
    }

    private static CallFeedback feedback(Classification failure) {
        return switch (failure.kind().rule().room()) {
            case SERVED -> CallFeedback.ANSWERED;
            case LIMITED ->
                    failure.retryAfter() == null ? CallFeedback.SLOWED : CallFeedback.REFUSED;
            case STRAINED -> CallFeedback.STRAINED;
            case SILENT -> CallFeedback.NOTHING;
        };
    }

    private static @Nullable LaneFailure failure(Classification failure, Heard heard) {
        Reach reach = reach(failure, heard);
        return reach == null
                ? null
                : new LaneFailure(
                        failure.kind(),
                        reach,
                        failure.retryAfter(),
                        failure.reason(),
                        failure.basis() == Basis.FACT ? Proof.FACT : Proof.SUSPICION);
    }

    private static @Nullable Reach reach(Classification failure, Heard heard) {
        return switch (failure.kind().rule().cools()) {
            case NOTHING -> null;
            case LANE -> excused(failure.kind(), heard) ? null : Reach.LANE;
            case MODEL -> Reach.LANE;
            case QUOTA ->
                    believed(
                            failure,
                            failure.scope() == Scope.ACCOUNT ? Reach.ACCOUNT : Reach.QUOTA);
            case ENDPOINT -> believed(failure, told(failure.scope(), Reach.INSTANCE));
            case ACCOUNT -> believed(failure, told(failure.scope(), Reach.ACCOUNT));
        };
    }

    /** Words may be the request's own: they never reach further than its lane. */
    private static Reach believed(Classification failure, Reach told) {
        return failure.basis() == Basis.TEXT ? Reach.LANE : told;
    }

    /** As far as the answer says; as far as the kind usually reaches where it says nothing. */
    private static Reach told(Scope scope, Reach usual) {
        return switch (scope) {
            case REQUEST -> usual;
            case LANE -> Reach.LANE;
            case INSTANCE -> Reach.INSTANCE;
            case ACCOUNT -> Reach.ACCOUNT;
        };
    }

    /**
     * A whole answer that nobody can carry is no failure of the lane; nor is one that was slow,
     * where the request's deadline cut it short.
     */
    private static boolean excused(ErrorKind kind, Heard heard) {
        ProviderReply reply = heard.reply();
        return switch (kind) {
            case SERVER -> reply instanceof TooLarge;
            case TIMEOUT ->
                    (reply instanceof TimedOut && heard.cutShort())
                            || (reply instanceof Answered(var answer, _)
                                    && answer.status() == CLIENT_CLOSED);
            default -> false;
        };
    }
}
