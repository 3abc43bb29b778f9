package dev.gantry.circuit;

import static dev.gantry.circuit.state.CircuitSamples.NOW;
import static dev.gantry.circuit.state.CircuitSamples.closed;
import static dev.gantry.circuit.state.CircuitSamples.failures;
import static dev.gantry.circuit.state.CircuitSamples.in;
import static dev.gantry.circuit.state.CircuitSamples.open;
import static dev.gantry.circuit.state.CircuitSamples.state;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.second;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeTest {
    /** What happened here while the table was out of reach, and what others did meanwhile. */
    @ParameterizedTest(name = "{0} here, {1} in the table: {2}")
    @CsvSource({
        "open,    denied,  denied",
        "open,    closed,  open", // closed long ago, opened here since
        "open,    fresh,   fresh", // another worker has probed it meanwhile
        "open,    open,    open",
        "long,    open,    long",
        "open,    long,    long",
        "open,    due,     open",
        "proved,  due,     proved",
        "proved,  open,    open",
        "closed,  open,    open",
        "closed,  denied,  denied",
        "due,     fresh,   fresh",
        "due,     open,    open",
    })
    void mergesWhatHappenedHereIntoTheTable(String here, String table, String winner) {
        Circuit row = merging(table).version(7);
        Circuit local = merging(here).version(5);

        Circuit merged =
                row.after(new CircuitEvent.Merged(NOW, closed(0).version(5), local), SHIPPED);

        assertThat(merged.state()).isEqualTo(merging(winner).state());
    }

    @Test
    void nobodyElseMovedItSoWhatHappenedHereStands() {
        Circuit row = closed(1).version(5);
        Circuit local = row.after(failures(NOW, 1), SHIPPED);

        assertThat(row.after(new CircuitEvent.Merged(NOW, row, local), SHIPPED)).isEqualTo(local);
    }

    private static Circuit merging(String state) {
        return switch (state) {
            case "fresh" -> in(new CircuitState.Closed(second(999)), 0);
            case "proved" -> in(new CircuitState.Closed(second(998)), 0);
            case "long" -> in(open(950, 2000, CircuitState.End.PROBE), 0);
            default -> in(state(state), 0);
        };
    }
}
