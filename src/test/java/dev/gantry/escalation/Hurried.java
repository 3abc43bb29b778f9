package dev.gantry.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverAction;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The same policy, without its pauses; a request that comes to no end fails its test. */
record Hurried(EscalationPolicy policy, AtomicInteger steps) implements EscalationPolicy {
    private static final int ENDLESS = 100_000;

    Hurried(EscalationPolicy policy) {
        this(policy, new AtomicInteger());
    }

    @Override
    public Next next(RunState state) {
        assertThat(steps.incrementAndGet()).as("steps").isLessThan(ENDLESS);
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
