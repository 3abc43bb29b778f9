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
        Set<Fault> used = EnumSet.noneOf(Fault.class);

        LongStream.rangeClosed(1, 100)
                .mapToObj(seed -> FaultSchedule.random(seed, OUTAGE))
                .peek(each -> each.strikes().forEach(strike -> used.add(strike.fault())))
                .forEach(
                        each ->
                                assertThat(each.strikes())
                                        .anySatisfy(
                                                strike ->
                                                        assertThat(strike.lasting())
                                                                .isGreaterThanOrEqualTo(OUTAGE)));

        assertThat(used).containsExactlyInAnyOrder(Fault.values());
    }

    @Test
    void movesComeInTheOrderOfTime() {
        FaultSchedule schedule =
                FaultSchedule.of(
                        "both",
                        new Strike(Duration.ofSeconds(2), Fault.DATABASE_STOPPED, OUTAGE),
                        new Strike(Duration.ZERO, Fault.BROKER_FROZEN, OUTAGE),
                        new Strike(Duration.ofSeconds(3), Fault.WORKER_KILLED, Duration.ZERO));

        assertThat(schedule.moves())
                .containsExactly(
                        new Move.Break(Duration.ZERO, Fault.BROKER_FROZEN),
                        new Move.Break(Duration.ofSeconds(2), Fault.DATABASE_STOPPED),
                        new Move.Break(Duration.ofSeconds(3), Fault.WORKER_KILLED),
                        new Move.Mend(Duration.ofSeconds(5), Fault.BROKER_FROZEN),
                        new Move.Mend(Duration.ofSeconds(7), Fault.DATABASE_STOPPED));
    }

    @Test
    void whatIsBrokenDoesNotBreakAgain() {
        Strike first = new Strike(Duration.ZERO, Fault.BROKER_STOPPED, OUTAGE);
        Strike second = new Strike(Duration.ofSeconds(4), Fault.BROKER_KILLED, OUTAGE);

        assertThatThrownBy(() -> FaultSchedule.of("twice", first, second))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("BROKER_KILLED");
    }

    @Test
    void aKilledWorkerIsNotMended() {
        assertThatThrownBy(() -> new Strike(Duration.ZERO, Fault.WORKER_KILLED, OUTAGE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
