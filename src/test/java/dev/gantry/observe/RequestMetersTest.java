package dev.gantry.observe;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

class RequestMetersTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LastErrors errors = new LastErrors();
    private final RequestMeters meters = new RequestMeters(registry, errors, () -> NOW);

    @Test
    void lanesThatComeAndGoLeaveNothing() {
        LaneId last = fail(0);
        for (int swap = 1; swap <= 1_000; swap++) {
            last = fail(swap);
            meters.keep(Set.of(last));
        }

        assertThat(registry.find("gantry.attempts").counters()).hasSize(1);
        assertThat(registry.find("gantry.attempt.duration").timers()).hasSize(1);
        assertThat(errors.row(last)).isNotNull();
        assertThat(errors.row(id(0))).isNull();
    }

    private LaneId fail(int number) {
        LaneId lane = id(number);
        InferenceRequest request = request("m").deadline(NOW.plusSeconds(60)).build();
        var dispatch =
                new Attempt.Dispatch(
                        request.attempt(1),
                        AttemptKind.PRIMARY,
                        lane,
                        new Adaptation("m", null, List.of()),
                        "primary",
                        NOW,
                        NOW.plusSeconds(60),
                        null,
                        null,
                        null);
        var error = new AttemptError(ErrorKind.SERVER, "down", "HTTP 500", null, null, true, false);
        var attempt =
                new Attempt(dispatch, Duration.ofSeconds(1), new Attempt.End.Failed(error, null));
        meters.attemptEnded(attempt, MeterReading.of(request, attempt, PriceList.NONE));
        return lane;
    }

    private static LaneId id(int number) {
        return lane("local:p" + number + ":x:inference:m").build().id();
    }
}
