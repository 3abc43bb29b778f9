package dev.gantry.escalation;

import dev.gantry.admission.CallFeedback;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Proof;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.classification.Basis;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Scope;
import dev.gantry.inference.AttemptError;
import dev.gantry.provider.ProviderReply;

import org.jspecify.annotations.Nullable;

/** What a failure says of the lane's health: the last column of the routing rules, section 3. */
final class Diagnosis {
    /** The client closed the connection, nginx says: nobody's fault but ours. */
    private static final int CLIENT_CLOSED = 499;

    private Diagnosis() {}

    /**
     * Null where it says nothing.
     *
     * @param cutShort whether the request's deadline left the call less than its whole time
     */
    static @Nullable LaneFailure of(Classification failure, ProviderReply reply, boolean cutShort) {
        Reach reach = reach(failure, reply, cutShort);
        return reach == null
                ? null
                : new LaneFailure(
                        failure.kind(),
                        reach,
                        failure.retryAfter(),
                        failure.reason(),
                        proof(failure.basis()));
    }

    private static Proof proof(Basis basis) {
        return switch (basis) {
            case FACT -> Proof.FACT;
            case SUSPICION, TEXT -> Proof.SUSPICION;
        };
    }

    private static @Nullable Reach reach(
            Classification failure, ProviderReply reply, boolean cutShort) {
        return switch (failure.kind()) {
            case CANCELLED,
                    POLICY_DENIED,
                    CONTENT_POLICY,
                    CONTEXT_OVERFLOW,
                    BAD_REQUEST,
                    INTERNAL ->
                    null;
            case BILLING -> believed(failure, atLeast(failure.scope(), Reach.ACCOUNT));
            case AUTH -> believed(failure, atLeast(failure.scope(), Reach.INSTANCE));
            case MODEL_MISSING -> Reach.LANE;
            case RATE_LIMIT -> believed(failure, quota(failure.scope()));
            case TIMEOUT -> timeout(reply, cutShort) ? Reach.LANE : null;
            case SERVER -> reply instanceof ProviderReply.TooLarge ? null : Reach.LANE;
            case OVERLOADED, NETWORK, UNKNOWN -> Reach.LANE;
        };
    }

    /** Words may be the request's own: they never reach further than its lane. */
    private static Reach believed(Classification failure, Reach told) {
        return failure.basis() == Basis.TEXT ? Reach.LANE : told;
    }

    /** As far as the answer says; as far as the kind usually reaches where it says nothing. */
    private static Reach atLeast(Scope scope, Reach usual) {
        return switch (scope) {
            case REQUEST -> usual;
            case LANE -> Reach.LANE;
            case INSTANCE -> Reach.INSTANCE;
            case ACCOUNT -> Reach.ACCOUNT;
        };
    }

    private static Reach quota(Scope scope) {
        return switch (scope) {
            case REQUEST, LANE, INSTANCE -> Reach.QUOTA;
            case ACCOUNT -> Reach.ACCOUNT;
        };
    }

    /** Cut short by the request's deadline, a slow answer says nothing of the lane. */
    private static boolean timeout(ProviderReply reply, boolean cutShort) {
        return switch (reply) {
            case ProviderReply.TimedOut _ -> !cutShort;
            case ProviderReply.Answered answered -> answered.answer().status() != CLIENT_CLOSED;
            case ProviderReply.Cut _,
                    ProviderReply.TooLarge _,
                    ProviderReply.Undecodable _,
                    ProviderReply.Unreachable _,
                    ProviderReply.Cancelled _ ->
                    true;
        };
    }

    /** What an attempt tells of the lane's room. */
    static CallFeedback feedback(@Nullable AttemptError error) {
        if (error == null) {
            return CallFeedback.ANSWERED;
        }
        return switch (error.kind()) {
            case RATE_LIMIT ->
                    error.retryAfter() == null ? CallFeedback.SLOWED : CallFeedback.REFUSED;
            case OVERLOADED -> CallFeedback.STRAINED;
            case CONTENT_POLICY, CONTEXT_OVERFLOW, BAD_REQUEST -> CallFeedback.ANSWERED;
            case CANCELLED,
                    POLICY_DENIED,
                    BILLING,
                    MODEL_MISSING,
                    AUTH,
                    TIMEOUT,
                    SERVER,
                    NETWORK,
                    INTERNAL,
                    UNKNOWN ->
                    CallFeedback.NOTHING;
        };
    }
}
