package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.LongStream;

/**
 * Every request has one result and the meter equals the bill, whatever breaks when.
 *
 * <p>{@code -Dseed=} replays one schedule; {@code -Pchaos} plays a hundred of each kind. {@code
 * -Drolling.seed=} replays one in which workers come and go only.
 */
class RandomFaultsTest {
    private static final int IN_EVERY_BUILD = 3;
    private static final int ROLLING_IN_EVERY_BUILD = 2;
    private static final Duration COMING_AND_GOING = Duration.ofSeconds(3);

    private static FaultServices services;

    @BeforeAll
    static void start() throws Exception {
        services = FaultServices.start("random");
    }

    @AfterAll
    static void stop() throws IOException {
        services.close();
    }

    static LongStream seeds() {
        Long replayed = Long.getLong("seed");
        return replayed == null
                ? LongStream.rangeClosed(1, Long.getLong("chaos.schedules", IN_EVERY_BUILD))
                : LongStream.of(replayed);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingIsLostAndNothingIsBilledTwice(long seed) throws Exception {
        FaultSchedule schedule = FaultSchedule.random(seed, FaultServices.shortestOutage());

        Run run = services.keepsItsPromises(schedule);

        assertThat(run.requests()).as("%s", schedule).isNotEmpty();
        assertThat(run.findings()).as("%s", schedule).isEmpty();
        assertThat(run.meters())
                .as("calls have raced, %s", schedule)
                .anyMatch(each -> each.at("/outcome").equals("race_lost"));
    }

    static LongStream rollingSeeds() {
        Long replayed = Long.getLong("rolling.seed");
        return replayed == null
                ? LongStream.rangeClosed(1, Long.getLong("chaos.schedules", ROLLING_IN_EVERY_BUILD))
                : LongStream.of(replayed);
    }

    @ParameterizedTest(name = "rolling seed {0}")
    @MethodSource("rollingSeeds")
    void joiningAndLeavingCallNobodyTwice(long seed) throws Exception {
        FaultSchedule schedule = FaultSchedule.rolling(seed, COMING_AND_GOING);

        Run run = services.keepsItsPromises(schedule);

        assertThat(run.findings()).as("%s", schedule).isEmpty();
    }
}
