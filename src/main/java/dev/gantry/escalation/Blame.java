package dev.gantry.escalation;

import dev.gantry.circuit.Circuits.WellAs;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Whether a request is itself to blame: lanes that do well with others fail it again and again, in
 * one and the same way. Pure.
 */
final class Blame {
    /** No lane refuses so twice by chance. */
    private static final int REFUSALS = 2;

    /** What other lanes, too, do now and then. */
    private static final int FAILURES = 3;

    private Blame() {}

    static boolean falls(Trail trail, Outlook outlook) {
        Step last = trail.last();
        ErrorKind kind = last == null ? null : kind(last);
        if (last == null || kind == null || last.failure() == null) {
            return false;
        }
        int needed = needed(kind);
        return needed > 0
                && trail.steps().stream()
                                .filter(each -> !each.inPlace() && alike(each, last))
                                .filter(each -> concerns(each, last))
                                .filter(each -> well(each, kind, outlook))
                                .count()
                        >= needed;
    }

    /** 0: a request is never to blame for it. */
    private static int needed(ErrorKind kind) {
        return switch (kind) {
            case AUTH, BILLING, MODEL_MISSING -> REFUSALS;
            case SERVER, TIMEOUT, NETWORK, UNKNOWN -> FAILURES;
            // A lane that has too much to do refuses whoever comes.
            case RATE_LIMIT, OVERLOADED -> 0;
            // They end it anyway, or say what is to be done.
            case CANCELLED,
                    POLICY_DENIED,
                    CONTENT_POLICY,
                    CONTEXT_OVERFLOW,
                    BAD_REQUEST,
                    INTERNAL ->
                    0;
        };
    }

    private static boolean alike(Step one, Step other) {
        return kind(one) == kind(other)
                && Objects.equals(one.attempt().status(), other.attempt().status())
                && Objects.equals(code(one), code(other));
    }

    /** A fact is one of its own instance; what may be the request's own may show anywhere. */
    private static boolean concerns(Step one, Step last) {
        LaneFailure failure = last.failure();
        return failure == null
                || failure.proof() == LaneFailure.Proof.SUSPICION
                || failure.counted()
                || (one.lane().id().provider().equals(last.lane().id().provider())
                        && one.lane().id().instance().equals(last.lane().id().instance()));
    }

    private static boolean well(Step step, ErrorKind kind, Outlook outlook) {
        WellAs as =
                kind == ErrorKind.AUTH || kind == ErrorKind.BILLING ? WellAs.INSTANCE : WellAs.LANE;
        return outlook.well(step.lane().id(), step.began(), as);
    }

    private static @Nullable ErrorKind kind(Step step) {
        return step.attempt().error() == null ? null : step.attempt().error().kind();
    }

    private static @Nullable String code(Step step) {
        return step.attempt().error() == null ? null : step.attempt().error().code();
    }
}
