package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringSamples;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class AttemptSummaryTest {
    private static final Attempt ANSWER =
            MeteringSamples.succeeded(
                    9, MeteringSamples.LANE, MeteringSamples.usage(100L, null, null, 10L));

    @Test
    void foldsTheRepeatedRefusalsOfALane() {
        AttemptSummary attempts =
                attempts(
                        refused(1, ErrorKind.RATE_LIMIT),
                        refused(2, ErrorKind.OVERLOADED),
                        refused(3, ErrorKind.RATE_LIMIT),
                        refused(4, ErrorKind.RATE_LIMIT),
                        ANSWER);

        assertThat(attempts.entries())
                .extracting(entry -> entry.first().id().number() + "x" + entry.count())
                .containsExactly("1x3", "2x1", "9x1");
        assertThat(attempts.entries().getFirst().took()).hasMillis(270);
        assertThat(attempts.entries().getFirst().last().id().number()).isEqualTo(4);
    }

    @Test
    void doesNotFoldWhatMayHaveBeenBilled() {
        Attempt timeout =
                MeteringSamples.lost(
                        1, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true));
        Attempt again =
                MeteringSamples.lost(
                        2, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true));

        assertThat(attempts(timeout, again).entries()).hasSize(2);
    }

    @Test
    void listsAtMostTwentyAndTheLastAmongThem() {
        Stream<Attempt> errors =
                IntStream.rangeClosed(1, 40)
                        .mapToObj(
                                number ->
                                        MeteringSamples.failed(
                                                number,
                                                MeteringSamples.LANE,
                                                MeteringSamples.answer(500, "{}", null),
                                                ErrorKind.SERVER));

        AttemptSummary attempts =
                attempts(Stream.concat(errors, Stream.of(ANSWER)).toArray(Attempt[]::new));

        assertThat(attempts.entries()).hasSize(20);
        assertThat(attempts.entries().getLast().first()).isEqualTo(ANSWER);
    }

    @Test
    void theSumIsNoSurerThanItsWeakestPart() {
        Attempt timeout =
                MeteringSamples.lost(
                        1, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true));

        assertThat(attempts(ANSWER).cost()).isEqualByComparingTo("0.00045");
        assertThat(attempts(ANSWER).state()).isEqualTo(Cost.State.FINAL);
        assertThat(attempts(refused(1, ErrorKind.RATE_LIMIT), ANSWER).state())
                .isEqualTo(Cost.State.FINAL);
        assertThat(attempts(timeout, ANSWER).cost()).isNull();
        assertThat(attempts(timeout, ANSWER).state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(attempts().state()).isEqualTo(Cost.State.NOT_BILLABLE);
        assertThat(attempts().cost()).isEqualByComparingTo("0");
    }

    private static Attempt refused(int number, ErrorKind kind) {
        return MeteringSamples.failed(
                number, MeteringSamples.LANE, MeteringSamples.answer(429, "{}", null), kind);
    }

    private static AttemptSummary attempts(Attempt... attempts) {
        return AttemptSummary.of(
                List.of(attempts).stream()
                        .map(
                                each ->
                                        new AttemptSummary.Metered(
                                                each,
                                                MeterReading.of(
                                                        MeteringSamples.request(),
                                                        each,
                                                        MeteringSamples.PRICES)))
                        .toList());
    }
}
