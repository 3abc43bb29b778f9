package dev.gantry.escalation;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverAction;
import dev.gantry.routing.Route;

import java.time.Duration;

/**
 * What may be decided of a request on its way, purely: no clock, no call. The loop carries out
 * whatever it says; it must come to an end, by counting what can have been billed, and what cannot.
 */
public interface EscalationPolicy {
    /** The one for a route: its policy's rules, or the standard ones. */
    static EscalationPolicy of(Route route) {
        return route.policy() == null
                ? StandardPolicy.INSTANCE
                : new ConfiguredPolicy(route.policy());
    }

    /** What follows from how far the request has come. */
    Next next(RunState state);

    /** What an ended call asks for. */
    FailoverAction action(Called call);

    /** What an ended call uses up. */
    AttemptUse use(Called call);

    /** What an ended call tells of its lane. */
    HealthImpact impact(Called call);

    /** What calls may cost beside what the request itself says. */
    default Caps caps() {
        return Caps.NONE;
    }

    /**
     * Whether a retry in place, if one follows, is what counts: nothing is told of this call
     * before.
     */
    default boolean judgedLater(Called call) {
        return switch (action(call)) {
            case SAME_LANE -> call.plan().repeat() == 0 && !call.plan().probe();
            case REPAIR -> true;
            default -> false;
        };
    }

    /** How long to wait before the retry in place; a changed request need not wait. */
    default Duration pause(Called call) {
        return action(call) == FailoverAction.REPAIR
                ? Duration.ZERO
                : StandardPolicy.PAUSE_BEFORE_RETRY;
    }
}
