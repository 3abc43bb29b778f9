package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.chaos.FaultSchedule.Move;
import dev.gantry.chaos.FaultSchedule.Strike;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.LongStream;

class FaultScheduleTest {
    private static final Duration OUTAGE = Duration.ofSeconds(5);

    @Test
    void isTheSameForTheSameSeed() {
        FaultSchedule one = FaultSchedule.random(11, OUTAGE);

        assertThat(FaultSchedule.random(11, OUTAGE)).isEqualTo(one);
        assertThat(FaultSchedule.random(12, OUTAGE).strikes()).isNotEqualTo(one.strikes());
    }

    @Test
    void aHundredSeedsUseEveryFaultAndEachBreaksBrokerOrDatabaseLongEnough() {
        Set<PlannedFault> used = EnumSet.noneOf(PlannedFault.class);

        LongStream.rangeClosed(1, 100)
                .mapToObj(seed -> FaultSchedule.random(seed, OUTAGE))
                .peek(each -> each.strikes().forEach(strike -> used.add(strike.plannedFault())))
                .forEach(
                        each ->
                                assertThat(each.strikes())
                                        .anySatisfy(
                                                strike ->
                                                        assertThat(strike.lasting())
                                                                .isGreaterThanOrEqualTo(OUTAGE)));

        assertThat(used).containsExactlyInAnyOrder(PlannedFault.values());
    }

    @Test
    void movesComeInTheOrderOfTime() {
        FaultSchedule schedule =
                FaultSchedule.of(
                        "both",
                        new Strike(Duration.ofSeconds(2), PlannedFault.DATABASE_STOPPED, OUTAGE),
                        new Strike(Duration.ZERO, PlannedFault.BROKER_FROZEN, OUTAGE),
                        new Strike(
                                Duration.ofSeconds(3), PlannedFault.WORKER_KILLED, Duration.ZERO));

        assertThat(schedule.moves())
                .containsExactly(
                        new Move.Break(Duration.ZERO, PlannedFault.BROKER_FROZEN),
                        new Move.Break(Duration.ofSeconds(2), PlannedFault.DATABASE_STOPPED),
                        new Move.Break(Duration.ofSeconds(3), PlannedFault.WORKER_KILLED),
                        new Move.Mend(Duration.ofSeconds(5), PlannedFault.BROKER_FROZEN),
                        new Move.Mend(Duration.ofSeconds(7), PlannedFault.DATABASE_STOPPED));
    }

    @Test
    void whatIsBrokenDoesNotBreakAgain() {
        Strike first = new Strike(Duration.ZERO, PlannedFault.BROKER_STOPPED, OUTAGE);
        Strike second = new Strike(Duration.ofSeconds(4), PlannedFault.BROKER_KILLED, OUTAGE);

        assertThatThrownBy(() -> FaultSchedule.of("twice", first, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BROKER_KILLED");
    }

    @Test
    void aKilledWorkerIsNotMended() {
        assertThatThrownBy(() -> new Strike(Duration.ZERO, PlannedFault.WORKER_KILLED, OUTAGE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
