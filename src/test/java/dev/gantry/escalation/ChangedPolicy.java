package dev.gantry.escalation;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.FailoverAction;

/** The standard policy, but for what a test changes. */
class ChangedPolicy implements EscalationPolicy {
    @Override
    public Next next(RunState state) {
        return StandardPolicy.INSTANCE.next(state);
    }

    @Override
    public FailoverAction action(Called call) {
        return StandardPolicy.INSTANCE.action(call);
    }

    @Override
    public AttemptUse use(Called call) {
        return StandardPolicy.INSTANCE.use(call);
    }

    @Override
    public HealthImpact impact(Called call) {
        return StandardPolicy.INSTANCE.impact(call);
    }
}
