package dev.gantry.observe;

import dev.gantry.intake.Intake;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import java.time.Duration;

/**
 * Liveness: whether the poll loop comes by, and has not been kept out of its group for too long.
 * Broker and database that are away do not count: a restart would not mend them.
 */
public final class PollLoopHealth implements HealthIndicator {
    private final Intake intake;
    private final Duration limit;
    private final Duration outsideLimit;

    /**
     * @param limit longer than anything the loop may rightly wait for
     * @param outsideLimit how long the worker may be no member of its group while the broker
     *     answers
     */
    public PollLoopHealth(Intake intake, Duration limit, Duration outsideLimit) {
        this.intake = intake;
        this.limit = limit;
        this.outsideLimit = outsideLimit;
    }

    @Override
    public Health health() {
        return intake.sinceLastPoll()
                .map(this::judge)
                .orElseGet(() -> Health.up().withDetail("polling", false).build());
    }

    private Health judge(Duration since) {
        boolean stuck = since.compareTo(limit) > 0;
        boolean outside = intake.refusedFor().compareTo(outsideLimit) > 0;
        Health.Builder health =
                !intake.draining() && (stuck || outside) ? Health.down() : Health.up();
        intake.noMember()
                .ifPresent(
                        reason ->
                                health.withDetail(
                                        "group", "not a member" + Viewer.because(reason)));
        return health.withDetail("since_last_poll_ms", since.toMillis()).build();
    }
}
