package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.CircuitSamples.FOREIGN;
import static dev.gantry.circuit.state.CircuitSamples.NOW;
import static dev.gantry.circuit.state.CircuitSamples.OURS;
import static dev.gantry.circuit.state.CircuitSamples.circuit;
import static dev.gantry.circuit.state.CircuitSamples.closed;
import static dev.gantry.circuit.state.CircuitSamples.failures;
import static dev.gantry.circuit.state.CircuitSamples.hit;
import static dev.gantry.circuit.state.CircuitSamples.open;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.second;
import static dev.gantry.circuit.state.Samples.trip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class CircuitTest {
    private static final CircuitCause OPERATOR = new CircuitCause(null, "maintenance", "jo");

    /**
     * Every state and every event; "-" is a move that must be refused. "due" and "over" are open
     * rows whose time has come: the one waits for a probe, the other is closed.
     */
    private static final String MOVES =
            """
            state    | one    | three | hit  | late | claimed   | proved | stolen | failed | released  | expired | opened | denied | reset
            closed   | closed | open  | open | -    | -         | -      | -      | -      | -         | -       | open   | denied | closed
            open     | -      | -     | -    | -    | -         | -      | -      | -      | -         | -       | open   | denied | closed
            due      | -      | -     | -    | -    | half_open | -      | -      | -      | -         | -       | open   | denied | closed
            probed   | -      | -     | -    | -    | -         | closed | -      | open   | half_open | -       | open   | denied | closed
            free     | -      | -     | -    | -    | half_open | -      | -      | -      | -         | -       | open   | denied | closed
            lapsed   | -      | -     | -    | -    | half_open | -      | -      | -      | -         | -       | open   | denied | closed
            waiting  | -      | -     | -    | -    | -         | -      | -      | -      | -         | -       | open   | denied | closed
            over     | closed | open  | open | -    | -         | -      | -      | -      | -         | closed  | open   | denied | closed
            denied   | -      | -     | -    | -    | -         | -      | -      | -      | -         | -       | -      | denied | closed
            """;

    static Stream<Arguments> moves() {
        List<List<String>> rows =
                MOVES.lines()
                        .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toList())
                        .toList();
        List<Arguments> moves = new ArrayList<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            for (int at = 1; at < row.size(); at++) {
                moves.add(Arguments.of(row.getFirst(), rows.getFirst().get(at), row.get(at)));
            }
        }
        return moves.stream();
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @MethodSource
    void moves(String state, String event, String expected) {
        Circuit circuit = circuit(state);

        Circuit after = circuit.after(event(event), SHIPPED);

        if (expected.equals("-")) {
            assertThat(after).isSameAs(circuit);
        } else {
            assertThat(after).isNotEqualTo(circuit);
            assertThat(after.state().state().label()).isEqualTo(expected);
        }
    }

    @Test
    void stragglersOfBeforeATransitionNeitherCloseNorDouble() {
        Circuit open = closed(0).after(hit(NOW, ErrorKind.AUTH), SHIPPED);

        Circuit late =
                open.after(
                        new CircuitEvent.Tripped(
                                NOW.plusSeconds(1),
                                NOW.minusSeconds(1),
                                trip(ErrorKind.AUTH, null)),
                        SHIPPED);

        assertThat(late).isSameAs(open);
        assertThat(late.trips()).isEqualTo(1);
    }

    @Test
    void aTransitionThatTimeMadeIsSaidBeforeTheNextOne() {
        Circuit over = circuit("over");
        Circuit again = over.after(hit(NOW, ErrorKind.RATE_LIMIT), SHIPPED);

        List<CircuitTransition> moves = over.movesTo(again, NOW, "w-1");

        assertThat(moves)
                .extracting(CircuitTransition::from, CircuitTransition::to)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(StateLabel.OPEN, StateLabel.CLOSED),
                        org.assertj.core.groups.Tuple.tuple(StateLabel.CLOSED, StateLabel.OPEN));
    }

    @Test
    void keepsReasonsShortAndPrintable() {
        CircuitCause cause = new CircuitCause(null, "a\u0000b\n\ud800" + "é".repeat(600), "w");

        assertThat(cause.reason())
                .startsWith("a b")
                .hasSize(500)
                .doesNotContain("\u0000", "\ud800");
    }

    private static CircuitEvent event(String name) {
        return switch (name) {
            case "one" -> failures(NOW, 1);
            case "three" -> failures(NOW, 3);
            case "hit" -> hit(NOW, ErrorKind.MODEL_MISSING);
            case "late" -> new CircuitEvent.Tripped(NOW, second(899), trip(ErrorKind.AUTH, null));
            case "claimed" ->
                    new CircuitEvent.Claimed(NOW, new Lease("w-1", NOW, NOW.plusSeconds(75)));
            case "proved" -> new CircuitEvent.Proved(NOW, OURS);
            case "stolen" -> new CircuitEvent.Proved(NOW, FOREIGN);
            case "failed" -> new CircuitEvent.Disproved(NOW, OURS, trip(ErrorKind.SERVER, null));
            case "released" -> new CircuitEvent.Released(NOW, OURS);
            case "expired" -> new CircuitEvent.Expired(NOW);
            case "opened" -> new CircuitEvent.Opened(NOW, Duration.ofMinutes(5), OPERATOR);
            case "denied" -> new CircuitEvent.Forbidden(NOW, OPERATOR);
            case "reset" -> new CircuitEvent.Reset(NOW, OPERATOR);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
