package dev.gantry.escalation;

import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Fact;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.InferenceRequest;

import org.jspecify.annotations.Nullable;

/**
 * Says of each ended call what it was: to the request's history, to the meter and the ledger, and
 * to its lane. What it was, the policy in force decides.
 */
final class AttemptJudge {
    private final EscalationRun.Context context;
    private final EscalationPolicy policy;
    private final InferenceRequest request;
    private AttemptHistory history;

    AttemptJudge(EscalationRun.Context context, InferenceRequest request, AttemptHistory history) {
        this.context = context;
        this.policy = context.policy();
        this.request = request;
        this.history = history;
    }

    InferenceRequest request() {
        return request;
    }

    AttemptHistory history() {
        return history;
    }

    void add(Fact fact) {
        history = history.with(fact);
    }

    /** Of the last answer the bytes are not kept. */
    void forgetBody() {
        history = history.bodiless();
    }

    /** How a call ended, as far as others of the request were under way beside it. */
    enum End {
        ALONE,
        /** No repeat in place follows: another one has been under way. */
        RACED,
        /** Another one was first; whatever came of this is nobody's doing. */
        LOST,
        /** The request was stopped; the same, though nobody had joined it. */
        DROPPED
    }

    /** A fact from now on, and paid for, whatever the policy makes of it. */
    void ended(LaneAttempt by, Called call, End end) {
        Called judged = call;
        AttemptFate fate = end == End.LOST ? AttemptFate.RACE_LOST : AttemptFate.UNSELECTED;
        try {
            if (end == End.LOST || end == End.DROPPED) {
                by.tellLost();
            } else {
                judged = judgedLater(call, end) ? call : told(by, call);
                boolean selected = policy.action(call) == FailoverAction.RETURN;
                fate = selected && call.attempt().succeeded() ? AttemptFate.SELECTED : fate;
            }
        } finally {
            history = history.with(judged);
            by.settle(context.recorder().ended(request, call.attempt(), fate));
        }
    }

    private boolean judgedLater(Called call, End end) {
        boolean repeats = end == End.ALONE || policy.action(call) == FailoverAction.REPAIR;
        return repeats && policy.judgedLater(call);
    }

    /** The request goes on with the other one of a race. */
    void drop(LaneAttempt other, AttemptId id) {
        tell(other);
        history = history.bodiless(id);
        other.close();
        other.hold().release();
    }

    /** Of two failures in a race, this one says what the request does next. */
    void goOnWith(AttemptId id) {
        history = history.endingWith(id);
    }

    /** No retry in place has followed. */
    void tell(LaneAttempt last) {
        Called untold = last.untold();
        if (untold != null && told(last, untold).counted()) {
            // Counted with others: it opens nothing by itself.
            history = history.counted(untold.plan().id());
        }
    }

    /** The same call, and what the lane's circuits made of it. */
    private Called told(LaneAttempt ended, Called call) {
        if (!context.route().inForce(call.lane())) {
            ended.tellNothing();
            return call;
        }
        HealthImpact impact = policy.impact(call);
        LaneFailure failure = believed(call, impact.failure());
        Opening opening = ended.tell(impact, failure);
        boolean counted = failure != null && failure.counted() && !ended.probes();
        return call.told(counted, opening);
    }

    /** One logical request counts once per lane; what benches at one hit always does. */
    private @Nullable LaneFailure believed(Called call, @Nullable LaneFailure failure) {
        return failure == null || (failure.counted() && history.hasCounted(call.lane().id()))
                ? null
                : history.believed(failure);
    }
}
