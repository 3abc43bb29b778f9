package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.CallFeedback;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.admission.WaitReason;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.inference.Usage;
import dev.gantry.inference.WhenBenched;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Requests that wait for a limit: one worker, its shares in memory, and a clock by hand. */
class LimitWaitTest {
    private static final LaneId LANE = lane("small");
    private static final LaneId OTHER = lane("large");

    private final TickingClock clock = new TickingClock();
    private final FleetLimits limits =
            new FleetLimits(new MemoryQuotas(clock), new SchemaName("gantry"), "w", clock);
    private final Circuits circuits =
            Circuits.localOnly(
                    CircuitSettings.DEFAULT,
                    Stream.of(LANE, OTHER)
                            .map(
                                    lane ->
                                            new ScopeMembership(
                                                    lane,
                                                    "p:main",
                                                    QuotaScope.LANE,
                                                    ScopeMembership.KeySource.CONFIGURED))
                            .toList(),
                    clock);
    private final AdmissionControl admission =
            new AdmissionControl(
                    new AdmissionSettings(100, 1), circuits, limits, clock, clock, () -> true);
    private final List<String> woken = new ArrayList<>();

    @Test
    void whoFindsTheLimitUsedUpWaitsForItInTheOrderOfDeadlines() {
        limit(LANE, 60L, null, null);
        granted(ask(LANE, 90));
        wait("late", ask(LANE, 60));
        wait("soon", ask(LANE, 30));
        wait("middle", ask(LANE, 45));
        assertThat(woken).isEmpty();

        for (int second = 0; second < 4; second++) {
            pass(Duration.ofMillis(1_060));
        }

        assertThat(woken).containsExactly("soon", "middle", "late");
    }

    @Test
    void aSecondCallBesideAnotherKeepsToTheLimitAsWell() {
        limit(LANE, 60L, null, null);
        granted(ask(LANE, 90));

        assertThat(admission.spare(List.of(LANE), CallSize.NONE)).isNull();
        assertThat(admission.spare(List.of(LANE, OTHER), CallSize.NONE))
                .extracting(Permit::lane)
                .isEqualTo(OTHER);
    }

    @Test
    void goesToTheNextLaneOfItsOwnWhereOneIsAtItsLimit() {
        limit(LANE, 60L, null, null);
        granted(ask(LANE, 90));

        Permit second = granted(ask(List.of(LANE, OTHER), 90, CallSize.NONE));

        assertThat(second.lane()).isEqualTo(OTHER);
    }

    @Test
    void aCallLargerThanTheLimitOfAMinuteIsLetThroughAndPaidForInAMinute() {
        limit(LANE, null, 10_000L, null);

        granted(ask(List.of(LANE), 900, new CallSize(50_000, 0L)));
        wait("small", ask(List.of(LANE), 900, new CallSize(10, 0L)));

        pass(Duration.ofSeconds(60));
        assertThat(woken).isEmpty();
        pass(Duration.ofSeconds(4));
        assertThat(woken).containsExactly("small");
    }

    /** Nor do those who come later and are small. */
    @Test
    void noSmallCallOvertakesALargeOne() {
        limit(LANE, null, 60_000L, null);
        granted(ask(List.of(LANE), 900, new CallSize(3_000, 0L)));
        wait("large", ask(List.of(LANE), 900, new CallSize(30_000, 0L)));

        for (int each = 0; each < 20 && !woken.contains("large"); each++) {
            pass(Duration.ofMillis(200));
            wait("small", ask(List.of(LANE), 901, new CallSize(10, 0L)));
        }

        assertThat(woken).first().isEqualTo("large");
    }

    @Test
    void whatTheAnswerDidNotTakeIsTheNextOnes() {
        limit(LANE, null, 60_000L, null);
        Permit first = granted(ask(List.of(LANE), 900, new CallSize(1_000, 30_000L)));
        wait("next", ask(List.of(LANE), 900, new CallSize(1_000, 0L)));
        pass(Duration.ofSeconds(1));
        assertThat(woken).isEmpty();

        Usage usage = new Usage(900L, null, null, 100L, null, Map.of(), null);
        admission.told(first, CallFeedback.ANSWERED, new CallUse.Counted(usage));
        pass(Duration.ofMillis(100));

        assertThat(woken).containsExactly("next");
    }

    @Test
    void aCallThatWasNotMadeLeavesNothingUsed() {
        limit(LANE, 60L, null, null);

        admission.leave(granted(ask(LANE, 90)));

        granted(ask(LANE, 90));
    }

    /**
     * Lanes of an instance share its limit: whoever gives a place back, the next may be another's.
     */
    @Test
    void aPlaceThatOneLaneGivesBackIsAnotherOnesOfTheInstance() {
        limits.offer(Map.of(LimitScope.ofInstance(LANE), new ConfiguredLimits(null, null, 1)));
        Permit first = granted(ask(LANE, 90));
        wait("other", ask(OTHER, 90));
        assertThat(limits.of(OTHER).admits(clock.getAsLong())).isFalse();

        admission.leave(first);

        assertThat(woken).containsExactly("other");
    }

    @Test
    void whatTheProviderSaysIsLeftSlowsDownAtOnceAndOnlyUntilItsReset() {
        limit(LANE, 600L, null, null);
        granted(ask(LANE, 90));
        assertThat(share()).isEqualTo(570);

        limits.told(LANE, List.of(told(600, 10, Duration.ofSeconds(20))));

        assertThat(share()).isEqualTo(30);
        pass(Duration.ofSeconds(21));
        assertThat(share()).isEqualTo(570);
    }

    @Test
    void aLimitThatNobodyConfiguredIsTakenFromTheHeaders() {
        granted(ask(LANE, 90));

        limits.told(LANE, List.of(told(300, 299, Duration.ofSeconds(1))));
        limits.passNow();

        LimitUse use =
                limits.use(LimitScope.ofLane(LANE), LimitDimension.REQUESTS_PER_MINUTE)
                        .orElseThrow();
        assertThat(use.limit()).isEqualTo(300);
        assertThat(use.source()).isEqualTo(LimitSource.HEADER);
        assertThat(use.share()).isEqualTo(285);
    }

    @Test
    void aLimitOfADayIsUsedAsItIsWanted() {
        granted(ask(LANE, 90));

        limits.told(
                LANE,
                List.of(
                        new ToldLimit(
                                ToldLimit.Counted.REQUESTS,
                                14_400,
                                Duration.ofDays(1),
                                14_000,
                                Duration.ofHours(20))));

        assertThat(limits.uses()).isEmpty();
    }

    private double share() {
        return limits.use(LimitScope.ofLane(LANE), LimitDimension.REQUESTS_PER_MINUTE)
                .orElseThrow()
                .share();
    }

    private static ToldLimit told(long limit, long remaining, Duration reset) {
        return new ToldLimit(
                ToldLimit.Counted.REQUESTS, limit, Duration.ofMinutes(1), remaining, reset);
    }

    private void limit(
            LaneId lane, @Nullable Long requests, @Nullable Long tokens, @Nullable Integer calls) {
        limits.offer(
                Map.of(LimitScope.ofLane(lane), new ConfiguredLimits(requests, tokens, calls)));
    }

    private void pass(Duration time) {
        clock.advance(time);
        limits.passNow();
        admission.lookAround();
    }

    /** Whoever comes first has to wait for the share itself. */
    private Permit granted(AdmissionRequest ask) {
        return switch (admission.enter(ask, null)) {
            case AdmissionResult.Granted(Permit permit) -> permit;
            case AdmissionResult.Waiting(QueuedRequest queued) -> {
                assertThat(queued.reason()).isEqualTo(WaitReason.LIMIT);
                limits.passNow();
                admission.lookAround();
                yield requireNonNull(queued.permit());
            }
            case AdmissionResult.AllBenched _ -> throw new AssertionError("benched");
        };
    }

    private void wait(String name, AdmissionRequest ask) {
        QueuedRequest queued = ((AdmissionResult.Waiting) admission.enter(ask, null)).queued();
        assertThat(queued.reason()).isEqualTo(WaitReason.LIMIT);
        queued.whenOver(() -> woken.add(name));
    }

    private AdmissionRequest ask(LaneId lane, int seconds) {
        return ask(List.of(lane), seconds, CallSize.NONE);
    }

    private AdmissionRequest ask(List<LaneId> lanes, int seconds, CallSize size) {
        return new AdmissionRequest(
                        lanes.stream().map(lane -> new Candidate(lane, Instant.MIN)).toList(),
                        clock.instant().plusSeconds(seconds),
                        true,
                        WhenBenched.WAIT)
                .sized(size);
    }

    private static LaneId lane(String model) {
        return new LaneId(Tier.CLOUD, "p", "main", ModelType.INFERENCE, model);
    }
}
