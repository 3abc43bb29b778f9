package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.CircuitSamples.NOW;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.second;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.FailureWindow.Batch;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Whom a suspicion convinces. */
class QuorumTest {
    private static final TripFailure SETBACK = Samples.trip(ErrorKind.SERVER, null);

    /** Each worker as calls/failures. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "'3/3',                    true", // the only caller is believed
        "'2/2',                    false", // too few
        "'7/3',                    false", // most of its calls do well
        "'3/3 3/3',                true",
        "'2/2 1/1',                true", // each saw little, together enough
        "'20/20 20/0',             false", // one worker's network
        "'20/20 20/0 20/0',        false",
        "'20/20 1/0',              false", // half of all, and yet one alone
        "'20/20 20/20 20/0',       true",
        "'20/20 20/20 100/0',      false", // two of three, but the truth is otherwise
        "'20/1 20/1 20/0',         false",
        "'3/3 0/0',                true", // who has not called has nothing to say
        "'',                       false",
    })
    void opensOnWhatAllHaveSeen(String workers, boolean opens) {
        assertThat(quorum(workers).convicts(ErrorKind.SERVER, SHIPPED)).isEqualTo(opens);
    }

    /** Keys from a file: one refusal is enough, but not one worker's of several. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"'1/1', true", "'1/1 5/0', false", "'1/1 1/1', true", "'1/1 1/1 9/0', false"})
    void aRefusedKeyIsOneOfEveryWorker(String workers, boolean opens) {
        assertThat(quorum(workers).convicts(ErrorKind.AUTH, SHIPPED)).isEqualTo(opens);
    }

    @Test
    void twoHundredWorkersWithOrdinaryErrorsOpenNothing() {
        List<WorkerEvidence> seen =
                IntStream.range(0, 200)
                        .mapToObj(each -> new WorkerEvidence("w" + each, 1, each < 8 ? 1 : 0, 0))
                        .toList();

        assertThat(new Quorum(seen).convicts(ErrorKind.SERVER, SHIPPED)).isFalse();
    }

    @Test
    void aSuspectedCircuitStaysClosedUntilItIsJudged() {
        Circuit suspect = suspected(3);

        assertThat(suspect.state()).isInstanceOf(CircuitState.Closed.class);
        assertThat(suspect.window().suspected()).isEqualTo(NOW);
        Circuit opened = judged(suspect, "3/3 3/3");
        assertThat(opened.state().state()).isEqualTo(StateLabel.OPEN);
        assertThat(opened.window().suspected()).isNull();
    }

    @Test
    void whatTheWorkersSawIsTheRecordFromThenOn() {
        Circuit cleared = judged(suspected(3), "3/3 200/4 200/3");

        assertThat(cleared.state()).isInstanceOf(CircuitState.Closed.class);
        assertThat(cleared.window().suspected()).isNull();
        assertThat(cleared.window().failures() / cleared.window().calls()).isLessThan(0.03);
        Circuit once = suspect(cleared, 3, second(1001));
        assertThat(once.window().suspected()).as("not asked again for three").isNull();
    }

    @Test
    void aJudgementOfAnEarlierSuspicionChangesNothing() {
        Circuit suspect = suspected(3);

        Circuit after =
                suspect.after(
                        new CircuitEvent.Judged(NOW, NOW.minusSeconds(1), quorum("9/9"), SETBACK),
                        SHIPPED);

        assertThat(after).isSameAs(suspect);
    }

    /** The first errors after a close are not all that is known of a lane. */
    @Test
    void afterACloseTheRatioStartsFromWhatWasKnown() {
        Circuit open = judged(suspected(3), "40/30 20/20");
        Lease lease = CircuitSamples.OURS;
        Circuit half = open.after(new CircuitEvent.Claimed(until(open), lease), SHIPPED);
        Circuit closed = half.after(new CircuitEvent.Proved(until(open), lease), SHIPPED);

        Circuit after = suspect(closed, 3, until(open).plusSeconds(1));

        assertThat(closed.window().calls()).isEqualTo(6);
        assertThat(after.window().suspected()).isNull();
    }

    @Test
    void oneWhoseOwnCircuitOpenedIsEnoughToAsk() {
        Circuit after =
                CircuitSamples.closed(0)
                        .after(
                                new CircuitEvent.Suspected(
                                        NOW, NOW, new Batch(50, 1, 0), SETBACK, true),
                                SHIPPED);

        assertThat(after.window().suspected()).isEqualTo(NOW);
    }

    private static Instant until(Circuit open) {
        return ((CircuitState.Open) open.state()).until();
    }

    private static Circuit suspected(int failures) {
        return suspect(CircuitSamples.closed(0), failures, NOW);
    }

    private static Circuit suspect(Circuit circuit, int failures, Instant at) {
        return circuit.after(
                new CircuitEvent.Suspected(at, at, new Batch(0, failures, 0), SETBACK, false),
                SHIPPED);
    }

    private static Circuit judged(Circuit suspect, String workers) {
        return suspect.after(
                new CircuitEvent.Judged(NOW.plusSeconds(1), NOW, quorum(workers), SETBACK),
                SHIPPED);
    }

    private static Quorum quorum(String workers) {
        List<String> each = workers.isBlank() ? List.of() : Arrays.asList(workers.split(" ", -1));
        return new Quorum(
                IntStream.range(0, each.size())
                        .mapToObj(at -> evidence("w" + at, each.get(at)))
                        .toList());
    }

    private static WorkerEvidence evidence(String worker, String seen) {
        String[] parts = seen.split("/", -1);
        return new WorkerEvidence(
                worker, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), 0);
    }
}
