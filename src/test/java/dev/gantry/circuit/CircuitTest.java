package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.START;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.Event.Claimed;
import dev.gantry.circuit.Event.Counted;
import dev.gantry.circuit.Event.Disproved;
import dev.gantry.circuit.Event.Expired;
import dev.gantry.circuit.Event.Forbidden;
import dev.gantry.circuit.Event.Opened;
import dev.gantry.circuit.Event.Proved;
import dev.gantry.circuit.Event.Released;
import dev.gantry.circuit.Event.Reset;
import dev.gantry.circuit.Event.Tripped;
import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.End;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;

/** Every state with every event, the forbidden moves among them. */
class CircuitTest {
    private static final CircuitSettings SETTINGS = Samples.SHIPPED;
    private static final CircuitKey KEY = CircuitKey.ofInstance(Samples.A);

    /** Long after START: what was opened for a while is half-open by now. */
    private static final Instant NOW = START.plusSeconds(600);

    private static final Lease OURS = new Lease("us", NOW.minusSeconds(1), NOW.plusSeconds(60));
    private static final Lease THEIRS = new Lease("them", NOW, NOW.plusSeconds(60));
    private static final Cause BY = new Cause(null, "by hand", "jo");

    @ParameterizedTest(name = "{0} + {1} -> {2}")
    @CsvSource({
        // state, event, state after; "-" means that nothing moves
        "closed,    three failures,   open",
        "closed,    one failure,      closed",
        "closed,    late failures,    -",
        "closed,    auth,             open",
        "closed,    late auth,        -",
        "closed,    claim,            -",
        "closed,    proof,            -",
        "closed,    disproof,         -",
        "closed,    release,          -",
        "closed,    expiry,           -",
        "closed,    open by hand,     open",
        "closed,    deny,             denied",
        "closed,    reset,            -",
        "open,      three failures,   -",
        "open,      auth,             -",
        "open,      claim,            -",
        "open,      proof,            -",
        "open,      disproof,         -",
        "open,      release,          -",
        "open,      expiry,           -",
        "open,      open by hand,     open",
        "open,      deny,             denied",
        "open,      reset,            closed",
        "over,      three failures,   -",
        "over,      auth,             -",
        "over,      claim,            half_open",
        "over,      proof,            -",
        "over,      expiry,           -",
        "over,      open by hand,     open",
        "over,      deny,             denied",
        "over,      reset,            closed",
        "timed,     three failures,   open",
        "timed,     auth,             open",
        "timed,     claim,            -",
        "timed,     expiry,           closed",
        "probed,    three failures,   -",
        "probed,    auth,             -",
        "probed,    claim,            -",
        "probed,    proof,            closed",
        "probed,    their proof,      -",
        "probed,    disproof,         open",
        "probed,    their disproof,   -",
        "probed,    release,          half_open",
        "probed,    their release,    -",
        "probed,    open by hand,     open",
        "probed,    deny,             denied",
        "probed,    reset,            closed",
        "denied,    three failures,   -",
        "denied,    auth,             -",
        "denied,    claim,            -",
        "denied,    proof,            -",
        "denied,    disproof,         -",
        "denied,    expiry,           -",
        "denied,    open by hand,     -",
        "denied,    reset,            closed",
    })
    void movesOnlyAsTheRulesSay(String state, String event, String after) {
        Circuit before = circuit(phase(state));

        Circuit moved = before.after(event(event), SETTINGS);

        if (after.equals("-")) {
            assertThat(moved).isEqualTo(before);
        } else {
            assertThat(moved).isNotEqualTo(before);
            assertThat(moved.phase().state().name()).isEqualToIgnoringCase(after);
        }
    }

    @Test
    void lesson42RemembersTripsBeyondTheirExpiry() {
        Circuit first = circuit(new Closed(START)).after(auth(NOW), SETTINGS);
        Circuit probed =
                first.after(new Claimed(NOW.plusSeconds(90), lease(90)), SETTINGS)
                        .after(new Proved(NOW.plusSeconds(91), lease(90)), SETTINGS);

        Circuit second = probed.after(auth(NOW.plusSeconds(92)), SETTINGS);

        assertThat(openFor(first)).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(72));
        assertThat(second.trips()).isEqualTo(2);
        assertThat(openFor(second)).isBetween(Duration.ofSeconds(96), Duration.ofSeconds(144));
    }

    @Test
    void forgetsATripForEachCooldownSpentClosed() {
        Circuit twice = new Circuit(KEY, new Closed(NOW), 2, cause(ErrorKind.AUTH), Tally.NONE, 7);

        Circuit soon = twice.after(auth(NOW.plusSeconds(119)), SETTINGS);
        Circuit later = twice.after(auth(NOW.plusSeconds(121)), SETTINGS);
        Circuit muchLater = twice.after(auth(NOW.plusSeconds(3600)), SETTINGS);

        assertThat(soon.trips()).isEqualTo(3);
        assertThat(later.trips()).isEqualTo(2);
        assertThat(muchLater.trips()).isEqualTo(1);
    }

    @Test
    void doublesWithEachFailedProbeUpToTheCap() {
        Circuit circuit = circuit(new HalfOpen(START, OURS));
        Duration longest = Duration.ZERO;
        for (int round = 0; round < 12; round++) {
            Event failed = new Disproved(NOW, OURS, setback(ErrorKind.SERVER, null));
            Circuit open = circuit.after(failed, SETTINGS);
            longest = openFor(open);
            circuit = new Circuit(KEY, new HalfOpen(START, OURS), open.trips(), BY, Tally.NONE, 1);
        }

        // The jitter of these tests makes everything a tenth longer.
        assertThat(longest).isEqualTo(SETTINGS.maxCooldown().multipliedBy(11).dividedBy(10));
    }

    @Test
    void closesByTimeWhereTheProviderSaidWhen() {
        Event limited =
                new Tripped(NOW, NOW, setback(ErrorKind.RATE_LIMIT, Duration.ofSeconds(20)));

        Circuit open = circuit(new Closed(START)).after(limited, SETTINGS);

        assertThat(open.phase()).isInstanceOf(Open.class);
        assertThat(openFor(open)).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
        assertThat(open.trips()).isZero();
        assertThat(open.at(NOW.plusSeconds(22))).isInstanceOf(Closed.class);
    }

    @Test
    void anOverloadThatNamesItsTimeProlongsTheCooldown() {
        Event event =
                new Counted(
                        NOW,
                        NOW,
                        new Tally.Batch(0, 3, 0),
                        setback(ErrorKind.OVERLOADED, Duration.ofMinutes(2)));

        Circuit open = circuit(new Closed(START)).after(event, SETTINGS);

        assertThat(openFor(open)).isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        assertThat(open.at(NOW.plusSeconds(200))).isInstanceOf(HalfOpen.class);
    }

    @Test
    void unknownFailuresNeedFive() {
        Circuit four = circuit(new Closed(START)).after(unknown(4), SETTINGS);
        Circuit five = circuit(new Closed(START)).after(unknown(5), SETTINGS);

        assertThat(four.phase()).isInstanceOf(Closed.class);
        assertThat(five.phase()).isInstanceOf(Open.class);
    }

    @Test
    void aLeaseThatLapsedMayBeClaimedAnew() {
        Lease lapsed = new Lease("dead", START, NOW.minusSeconds(1));

        Circuit claimed =
                circuit(new HalfOpen(START, lapsed)).after(new Claimed(NOW, THEIRS), SETTINGS);

        assertThat(claimed.phase()).isEqualTo(new HalfOpen(START, THEIRS));
    }

    private static Phase phase(String state) {
        return switch (state) {
            case "closed" -> new Closed(START);
            case "open" -> new Open(START, NOW.plusSeconds(60), End.PROBE);
            case "over" -> new Open(START, NOW.minusSeconds(60), End.PROBE);
            case "timed" -> new Open(START, NOW.minusSeconds(60), End.TIME);
            case "probed" -> new HalfOpen(START, OURS);
            case "denied" -> new Denied(START);
            default -> throw new IllegalArgumentException(state);
        };
    }

    private static Event event(String name) {
        return switch (name) {
            case "three failures" -> failures(3, NOW);
            case "one failure" -> failures(1, NOW);
            case "late failures" -> failures(3, START.minusSeconds(1));
            case "auth" -> auth(NOW);
            case "late auth" ->
                    new Tripped(NOW, START.minusSeconds(1), setback(ErrorKind.AUTH, null));
            case "claim" -> new Claimed(NOW, THEIRS);
            case "proof" -> new Proved(NOW, OURS);
            case "their proof" -> new Proved(NOW, THEIRS);
            case "disproof" -> new Disproved(NOW, OURS, setback(ErrorKind.SERVER, null));
            case "their disproof" -> new Disproved(NOW, THEIRS, setback(ErrorKind.SERVER, null));
            case "release" -> new Released(NOW, OURS);
            case "their release" -> new Released(NOW, THEIRS);
            case "expiry" -> new Expired(NOW);
            case "open by hand" -> new Opened(NOW, Duration.ofMinutes(5), BY);
            case "deny" -> new Forbidden(NOW, BY);
            case "reset" -> new Reset(NOW, BY);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Event failures(int count, Instant began) {
        return new Counted(
                NOW, began, new Tally.Batch(0, count, 0), setback(ErrorKind.SERVER, null));
    }

    private static Event unknown(int count) {
        return new Counted(
                NOW, NOW, new Tally.Batch(0, 0, count), setback(ErrorKind.UNKNOWN, null));
    }

    private static Event auth(Instant at) {
        return new Tripped(at, at, setback(ErrorKind.AUTH, null));
    }

    private static Setback setback(ErrorKind kind, @Nullable Duration retryAfter) {
        return new Setback(cause(kind), retryAfter, 0.5);
    }

    private static Cause cause(ErrorKind kind) {
        return new Cause(kind, "in a test", "w");
    }

    private static Lease lease(int seconds) {
        return new Lease("us", NOW.plusSeconds(seconds), NOW.plusSeconds(seconds + 60));
    }

    private static Circuit circuit(Phase phase) {
        return new Circuit(KEY, phase, 0, Cause.NONE, Tally.NONE, 3);
    }

    private static Duration openFor(Circuit circuit) {
        Open open = (Open) circuit.phase();
        return Duration.between(open.since(), open.until());
    }
}
