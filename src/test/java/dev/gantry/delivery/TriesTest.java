package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.Samples;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class TriesTest {
    private static final Attempt ANSWER =
            Samples.succeeded(9, Samples.LANE, Samples.usage(100L, null, null, 10L));

    @Test
    void foldsTheRepeatedRefusalsOfALane() {
        Tries tries =
                tries(
                        refused(1, ErrorKind.RATE_LIMIT),
                        refused(2, ErrorKind.OVERLOADED),
                        refused(3, ErrorKind.RATE_LIMIT),
                        refused(4, ErrorKind.RATE_LIMIT),
                        ANSWER);

        assertThat(tries.entries())
                .extracting(entry -> entry.first().id().number() + "x" + entry.count())
                .containsExactly("1x3", "2x1", "9x1");
        assertThat(tries.entries().getFirst().took()).hasMillis(270);
        assertThat(tries.entries().getFirst().last().id().number()).isEqualTo(4);
    }

    @Test
    void doesNotFoldWhatMayHaveBeenBilled() {
        Attempt timeout = Samples.lost(1, Samples.LANE, Samples.error(ErrorKind.TIMEOUT, true));
        Attempt again = Samples.lost(2, Samples.LANE, Samples.error(ErrorKind.TIMEOUT, true));

        assertThat(tries(timeout, again).entries()).hasSize(2);
    }

    @Test
    void listsAtMostTwentyAndTheLastAmongThem() {
        Stream<Attempt> errors =
                IntStream.rangeClosed(1, 40)
                        .mapToObj(
                                number ->
                                        Samples.failed(
                                                number,
                                                Samples.LANE,
                                                Samples.answer(500, "{}", null),
                                                ErrorKind.SERVER));

        Tries tries = tries(Stream.concat(errors, Stream.of(ANSWER)).toArray(Attempt[]::new));

        assertThat(tries.entries()).hasSize(20);
        assertThat(tries.entries().getLast().first()).isEqualTo(ANSWER);
    }

    @Test
    void theSumIsNoSurerThanItsWeakestPart() {
        Attempt timeout = Samples.lost(1, Samples.LANE, Samples.error(ErrorKind.TIMEOUT, true));

        assertThat(tries(ANSWER).cost()).isEqualByComparingTo("0.00045");
        assertThat(tries(ANSWER).state()).isEqualTo(Cost.State.FINAL);
        assertThat(tries(refused(1, ErrorKind.RATE_LIMIT), ANSWER).state())
                .isEqualTo(Cost.State.FINAL);
        assertThat(tries(timeout, ANSWER).cost()).isNull();
        assertThat(tries(timeout, ANSWER).state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(tries().state()).isEqualTo(Cost.State.NOT_BILLABLE);
        assertThat(tries().cost()).isEqualByComparingTo("0");
    }

    private static Attempt refused(int number, ErrorKind kind) {
        return Samples.failed(number, Samples.LANE, Samples.answer(429, "{}", null), kind);
    }

    private static Tries tries(Attempt... attempts) {
        return Tries.of(
                List.of(attempts).stream()
                        .map(
                                each ->
                                        new Tries.Metered(
                                                each,
                                                MeterReading.of(
                                                        Samples.request(), each, Samples.PRICES)))
                        .toList());
    }
}
