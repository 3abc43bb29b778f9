package dev.gantry.escalation;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverAction;

import java.time.Duration;

/** The same policy, without its pauses. */
record Hurried(EscalationPolicy policy) implements EscalationPolicy {
    @Override
    public Next next(RunState state) {
        return policy.next(state);
    }

    @Override
    public FailoverAction action(Called call) {
        return policy.action(call);
    }

    @Override
    public AttemptUse use(Called call) {
        return policy.use(call);
    }

    @Override
    public HealthImpact impact(Called call) {
        return policy.impact(call);
    }

    @Override
    public Caps caps() {
        return policy.caps();
    }

    @Override
    public boolean judgedLater(Called call) {
        return policy.judgedLater(call);
    }

    @Override
    public Duration pause(Called call) {
        return Duration.ZERO;
    }
}
