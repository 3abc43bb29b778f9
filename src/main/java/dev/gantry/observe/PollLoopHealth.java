package dev.gantry.observe;

import dev.gantry.intake.Intake;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import java.time.Duration;

/**
 * Liveness: whether the poll loop comes by. Broker and database do not count: a restart would not
 * mend them.
 */
public final class PollLoopHealth implements HealthIndicator {
    private final Intake intake;
    private final Duration limit;

    /**
     * @param limit longer than anything the loop may rightly wait for
     */
    public PollLoopHealth(Intake intake, Duration limit) {
        this.intake = intake;
        this.limit = limit;
    }

    @Override
    public Health health() {
        return intake.sinceLastPoll()
                .map(this::judge)
                .orElseGet(() -> Health.up().withDetail("polling", false).build());
    }

    private Health judge(Duration since) {
        boolean stuck = !intake.draining() && since.compareTo(limit) > 0;
        Health.Builder health = stuck ? Health.down() : Health.up();
        return health.withDetail("since_last_poll_ms", since.toMillis()).build();
    }
}
