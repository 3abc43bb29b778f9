package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.INSTANCE_KEY;
import static dev.gantry.circuit.Samples.LANE_KEY;
import static dev.gantry.circuit.Samples.SHIPPED;
import static dev.gantry.circuit.Samples.second;
import static dev.gantry.circuit.Samples.setback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

class CircuitTest {
    private static final Instant NOW = second(1000);
    private static final Cause OPERATOR = new Cause(null, "maintenance", "jo");
    private static final Lease OURS = new Lease("w-1", second(996), second(1071));
    private static final Lease LAPSED = new Lease("w-2", second(900), second(999));
    private static final Lease FOREIGN = new Lease("w-3", second(997), second(1072));

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
            assertThat(after.phase().state().label()).isEqualTo(expected);
        }
    }

    @Test
    void stragglersOfBeforeATransitionNeitherCloseNorDouble() {
        Circuit open = closed(0).after(hit(NOW, ErrorKind.AUTH), SHIPPED);

        Circuit late =
                open.after(
                        new Event.Tripped(
                                NOW.plusSeconds(1),
                                NOW.minusSeconds(1),
                                setback(ErrorKind.AUTH, null)),
                        SHIPPED);

        assertThat(late).isSameAs(open);
        assertThat(late.trips()).isEqualTo(1);
    }

    /** Lesson 42. */
    @Test
    void theSecondBenchIsLongerThanTheFirst() {
        Circuit first = closed(0).after(failures(NOW, 3), SHIPPED);
        Circuit closed = probed(first, Outcome.PROVED);
        Instant soon = closed.phase().since().plusSeconds(10);

        Circuit second = closed.after(failures(soon, 3), SHIPPED);

        assertThat(length(first)).isEqualTo(Duration.ofSeconds(15));
        assertThat(length(second)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void eachCooldownSpentClosedForgetsATrip() {
        Circuit remembering = closed(3);

        assertThat(trips(remembering, 59)).isEqualTo(4);
        assertThat(trips(remembering, 60)).isEqualTo(3);
        assertThat(trips(remembering, 60 + 29)).isEqualTo(3);
        assertThat(trips(remembering, 60 + 30)).isEqualTo(2);
        assertThat(trips(remembering, 60 + 30 + 15)).isEqualTo(1);
    }

    @Test
    void aFailedProbeDoublesTheCooldownUpToTheCap() {
        Circuit circuit = closed(0).after(failures(NOW, 3), SHIPPED);

        List<Long> seconds = new ArrayList<>();
        for (int round = 0; round < 8; round++) {
            seconds.add(length(circuit).toSeconds());
            circuit = probed(circuit, Outcome.DISPROVED);
        }

        assertThat(seconds).containsExactly(15L, 30L, 60L, 120L, 240L, 480L, 600L, 600L);
    }

    @ParameterizedTest
    @CsvSource({
        "RATE_LIMIT,    false, 30,  3600",
        "AUTH,          true,  60,  3600",
        "AUTH,          false, 600, 3600",
        "MODEL_MISSING, false, 600, 3600",
        "BILLING,       true,  300, 3600",
    })
    void aOneHitKindHasItsOwnCooldown(ErrorKind kind, boolean instance, long first, long most) {
        Circuit circuit = Circuit.pristine(instance ? INSTANCE_KEY : LANE_KEY);

        circuit = circuit.after(hit(NOW, kind), SHIPPED);
        Duration once = length(circuit);
        for (int round = 0; round < 10; round++) {
            circuit = probed(circuit, Outcome.DISPROVED, kind);
        }

        assertThat(once).isEqualTo(Duration.ofSeconds(first));
        assertThat(length(circuit)).isEqualTo(Duration.ofSeconds(most));
    }

    @ParameterizedTest
    @CsvSource({"-1, 12000", "0, 15000", "1, 18000"})
    void aCooldownVariesByAFifth(double jitter, long millis) {
        Setback setback = setback(ErrorKind.SERVER, null, jitter);

        Circuit open =
                closed(0)
                        .after(
                                new Event.Counted(NOW, NOW, new Tally.Batch(0, 3, 0), setback),
                                SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"-1, 1050", "0, 1000", "0.5, 1025"})
    void aWaitThatTheProviderGaveEndsByTimeAndNeverBefore(double jitter, long millis) {
        Setback setback = setback(ErrorKind.RATE_LIMIT, Duration.ofSeconds(1), jitter);

        Circuit open = closed(2).after(new Event.Tripped(NOW, NOW, setback), SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofMillis(millis));
        assertThat(open.at(NOW.plusMillis(millis))).isInstanceOf(Phase.Closed.class);
        assertThat(open.trips()).as("not doubled").isLessThanOrEqualTo(2);
    }

    @Test
    void aRefusedProbeThatIsToldWhenToComeBackEndsByTimeToo() {
        Setback setback = setback(ErrorKind.RATE_LIMIT, Duration.ofSeconds(7));

        Circuit open = circuit("probed").after(new Event.Disproved(NOW, OURS, setback), SHIPPED);

        assertThat(open.phase()).isEqualTo(new Phase.Open(NOW, NOW.plusSeconds(7), Phase.End.TIME));
    }

    @Test
    void anOverloadedProviderIsLeftAloneAsLongAsItAsks() {
        Setback setback = setback(ErrorKind.OVERLOADED, Duration.ofSeconds(100));

        Circuit open =
                closed(0)
                        .after(
                                new Event.Counted(NOW, NOW, new Tally.Batch(0, 3, 0), setback),
                                SHIPPED);

        assertThat(length(open)).isEqualTo(Duration.ofSeconds(100));
        assertThat(open.at(NOW.plusSeconds(100))).isInstanceOf(Phase.HalfOpen.class);
    }

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

        Circuit merged = row.after(new Event.Merged(NOW, closed(0).version(5), local), SHIPPED);

        assertThat(merged.phase()).isEqualTo(merging(winner).phase());
    }

    @Test
    void nobodyElseMovedItSoWhatHappenedHereStands() {
        Circuit row = closed(1).version(5);
        Circuit local = row.after(failures(NOW, 1), SHIPPED);

        assertThat(row.after(new Event.Merged(NOW, row, local), SHIPPED)).isEqualTo(local);
    }

    @Test
    void aTransitionThatTimeMadeIsSaidBeforeTheNextOne() {
        Circuit over = circuit("over");
        Circuit again = over.after(hit(NOW, ErrorKind.RATE_LIMIT), SHIPPED);

        List<Transition> moves = Transition.between(over, again, NOW, "w-1");

        assertThat(moves)
                .extracting(Transition::from, Transition::to)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(CircuitState.OPEN, CircuitState.CLOSED),
                        org.assertj.core.groups.Tuple.tuple(
                                CircuitState.CLOSED, CircuitState.OPEN));
    }

    @Test
    void keepsReasonsShortAndPrintable() {
        Cause cause = new Cause(null, "a\u0000b\n\ud800" + "é".repeat(600), "w");

        assertThat(cause.reason())
                .startsWith("a b")
                .hasSize(500)
                .doesNotContain("\u0000", "\ud800");
    }

    private enum Outcome {
        PROVED,
        DISPROVED
    }

    private static Circuit probed(Circuit open, Outcome outcome) {
        return probed(open, outcome, ErrorKind.SERVER);
    }

    /** Claims the probe as soon as it is due, and closes it a second later. */
    private static Circuit probed(Circuit open, Outcome outcome, ErrorKind kind) {
        Instant due = ((Phase.Open) open.phase()).until();
        Lease lease = new Lease("w-1", due, due.plusSeconds(75));
        Circuit half = open.after(new Event.Claimed(due, lease), SHIPPED);
        Instant end = due.plusSeconds(1);
        return half.after(
                switch (outcome) {
                    case PROVED -> new Event.Proved(end, lease);
                    case DISPROVED -> new Event.Disproved(end, lease, setback(kind, null));
                },
                SHIPPED);
    }

    private static int trips(Circuit closed, long after) {
        return closed.after(failures(closed.phase().since().plusSeconds(after), 3), SHIPPED)
                .trips();
    }

    private static Duration length(Circuit circuit) {
        Phase.Open open = (Phase.Open) circuit.phase();
        return Duration.between(open.since(), open.until());
    }

    private static Circuit closed(int trips) {
        return in(new Phase.Closed(second(900)), trips);
    }

    private static Circuit in(Phase phase, int trips) {
        Cause cause = new Cause(ErrorKind.SERVER, "down", "w-1");
        return new Circuit(LANE_KEY, phase, trips, cause, Tally.NONE, 1);
    }

    private static Circuit circuit(String state) {
        return in(phase(state), 1);
    }

    private static Phase phase(String state) {
        return switch (state) {
            case "closed" -> new Phase.Closed(second(900));
            case "open" -> open(990, 1010, Phase.End.PROBE);
            case "due" -> open(900, 995, Phase.End.PROBE);
            case "waiting" -> open(990, 1010, Phase.End.TIME);
            case "over" -> open(900, 995, Phase.End.TIME);
            case "probed" -> half(OURS);
            case "free" -> half(null);
            case "lapsed" -> half(LAPSED);
            case "denied" -> new Phase.Denied(second(900));
            default -> throw new IllegalArgumentException(state);
        };
    }

    private static Circuit merging(String state) {
        return switch (state) {
            case "fresh" -> in(new Phase.Closed(second(999)), 0);
            case "proved" -> in(new Phase.Closed(second(998)), 0);
            case "long" -> in(open(950, 2000, Phase.End.PROBE), 0);
            default -> in(phase(state), 0);
        };
    }

    private static Phase open(int since, int until, Phase.End end) {
        return new Phase.Open(second(since), second(until), end);
    }

    private static Phase half(@Nullable Lease lease) {
        return new Phase.HalfOpen(second(995), lease);
    }

    private static Event event(String name) {
        return switch (name) {
            case "one" -> failures(NOW, 1);
            case "three" -> failures(NOW, 3);
            case "hit" -> hit(NOW, ErrorKind.MODEL_MISSING);
            case "late" -> new Event.Tripped(NOW, second(899), setback(ErrorKind.AUTH, null));
            case "claimed" -> new Event.Claimed(NOW, new Lease("w-1", NOW, NOW.plusSeconds(75)));
            case "proved" -> new Event.Proved(NOW, OURS);
            case "stolen" -> new Event.Proved(NOW, FOREIGN);
            case "failed" -> new Event.Disproved(NOW, OURS, setback(ErrorKind.SERVER, null));
            case "released" -> new Event.Released(NOW, OURS);
            case "expired" -> new Event.Expired(NOW);
            case "opened" -> new Event.Opened(NOW, Duration.ofMinutes(5), OPERATOR);
            case "denied" -> new Event.Forbidden(NOW, OPERATOR);
            case "reset" -> new Event.Reset(NOW, OPERATOR);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Event failures(Instant at, int failures) {
        return new Event.Counted(
                at, at, new Tally.Batch(0, failures, 0), setback(ErrorKind.SERVER, null));
    }

    private static Event hit(Instant at, ErrorKind kind) {
        return new Event.Tripped(at, at, setback(kind, null));
    }
}
