package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.WhenBenched;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;

/** What the circuits hear of a loop. */
class HealthReportTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();

    private final LoopFixture loop = new LoopFixture();

    @BeforeEach
    void start() {
        loop.circuits.start();
        loop.provider.always(B, Replies.OK);
    }

    @Test
    void lesson55OneRequestThatTriesALaneAgainAndAgainDoesNotBenchIt() throws Exception {
        loop.provider.always(A, Replies.BROKEN);

        loop.run(request(), settings().maxAttempts(5), A);

        assertThat(loop.ended).hasSize(5);
        awaitFailures(1);
        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);
    }

    @Test
    void aLoneLaneThatFailsEveryTryOfEveryRequestIsBenched() throws Exception {
        loop.provider.always(A, Replies.BROKEN);

        for (int each = 0; each < 3; each++) {
            // Who does not wait for benched lanes does not wait for the test's clock either.
            loop.run(request(), settings().maxAttempts(3).whenBenched(WhenBenched.FAIL), A);
            loop.ended.clear();
        }

        loop.awaitReported(
                "three of three bench it",
                () -> !(availability() instanceof LaneAvailability.Admitted));
    }

    @Test
    void aLaneThatThrottlesARequestAndThenBreaksIsHeardOf() throws Exception {
        loop.provider.always(A, Replies.OK);
        loop.provider.on(A, Replies.RATE_LIMITED);
        loop.provider.on(A, Replies.BROKEN);

        loop.run(A);

        awaitFailures(1);
    }

    @Test
    void aProbeThatUsesUpItsOwnTimeKeepsTheLaneBenched() throws Exception {
        Lane slow = lane(A.id().value()).weight(300).timeout(Duration.ofMinutes(10)).build();
        bench(slow);
        loop.provider.always(slow, Replies.TIMED_OUT);
        loop.clock.advance(Duration.ofSeconds(20));

        Await.until(
                "it is probed",
                () -> {
                    loop.clock.advance(Duration.ofMillis(150)); // wanted anew
                    Conclusion conclusion = loop.run(slow, B);
                    loop.ended.clear();
                    return LoopFixture.kinds(conclusion).contains(AttemptKind.PROBE);
                });

        assertThat(loop.circuits.availability(A.id())).isInstanceOf(LaneAvailability.Benched.class);
    }

    @Test
    void whoMayNotEscalateCarriesNoProbeWhileItHasAnotherWay() throws Exception {
        bench(A);
        loop.clock.advance(Duration.ofSeconds(20));
        Await.until(
                "the probe lies ready",
                () -> {
                    loop.clock.advance(Duration.ofMillis(150)); // wanted anew
                    loop.circuits.wanted(A.id());
                    return loop.circuits.probesReady();
                });

        Conclusion conclusion = loop.run(request(), settings().escalate(false), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Outcome.Succeeded.class);
        assertThat(LoopFixture.kinds(conclusion)).containsExactly(AttemptKind.PRIMARY);
    }

    private void bench(Lane lane) throws Exception {
        loop.provider.always(lane, Replies.BROKEN);
        for (int each = 0; each < 3; each++) {
            loop.run(lane, B);
            loop.ended.clear();
        }
        loop.awaitReported(
                "it is benched", () -> availability() instanceof LaneAvailability.Benched);
    }

    @Test
    void lesson40SuccessesCountByTheSameGateAsFailures() throws Exception {
        answer(Replies.OK, 4);
        answer(Replies.BROKEN, 3);
        awaitFailures(3);
        assertThat(loop.circuits.availability(A.id()))
                .as("three of seven")
                .isInstanceOf(LaneAvailability.Admitted.class);

        answer(Replies.BROKEN, 4);

        loop.awaitReported(
                "seven of eleven bench it",
                () -> availability() instanceof LaneAvailability.Benched);
    }

    @Test
    void lesson40WhatIsNotTheLanesFaultIsReportedNeitherWay() throws Exception {
        answer(Replies.BROKEN, 1);
        loop.provider.on(A, new Cancelled(true));
        loop.run(A, B);
        loop.ended.clear();
        answer(Replies.BAD_REQUEST, 3);
        awaitFailures(1);
        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);

        answer(Replies.BROKEN, 1);

        awaitFailures(2);
    }

    private void answer(ProviderReply reply, int requests) throws InterruptedException {
        for (int each = 0; each < requests; each++) {
            loop.provider.on(A, reply);
            loop.run(A, B);
            loop.ended.clear();
        }
    }

    private LaneAvailability availability() {
        return loop.circuits.availability(A.id());
    }

    private void awaitFailures(int count) throws Exception {
        loop.awaitReported(
                count + " failures are known",
                () ->
                        loop.circuits.rows().stream()
                                .mapToDouble(CircuitStatus::failures)
                                .anyMatch(failures -> failures == count));
    }
}
