package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Samples.second;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.circuit.state.CircuitEvent.Tripped;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.TripFailure;
import dev.gantry.circuit.table.NotificationPayload;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Clock, ring, target and key, each by itself. */
class PartsTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void theSampleWithTheShortestWayDecidesTheClock() {
        AtomicLong ticks = new AtomicLong(5 * SECOND);
        FleetClock clock = new FleetClock(ticks::get, second(1));
        assertThat(clock.now()).isEqualTo(second(1));

        clock.sample(5 * SECOND, second(1000), 5 * SECOND + 2_000_000);
        clock.sample(5 * SECOND, second(2000), 5 * SECOND + 900_000_000);

        ticks.set(15 * SECOND + 1_000_000);
        assertThat(clock.now()).isEqualTo(second(1010));
    }

    @Test
    void anOldSampleNoLongerDecidesNorOneOfAnotherDatabase() {
        AtomicLong ticks = new AtomicLong();
        FleetClock clock = new FleetClock(ticks::get, second(0));
        clock.sample(0, second(100), 2);

        clock.sample(61 * SECOND, second(500), 61 * SECOND + 1000);
        ticks.set(61 * SECOND + 500);
        assertThat(clock.now()).isEqualTo(second(500));

        clock.forget();
        clock.sample(62 * SECOND, second(9), 62 * SECOND + 2000);
        ticks.set(62 * SECOND + 1000);
        assertThat(clock.now()).isEqualTo(second(9));
    }

    @Test
    void lanesThatComeAndGoLeaveNothing() {
        var clock = new FleetClock(() -> 0, second(0));
        var watch =
                new CircuitCache.Watch() {
                    @Override
                    public void unsent() {}

                    @Override
                    public void shown() {}
                };
        var cache = new CircuitCache(SHIPPED, clock, "w", watch);
        var trip = new TripFailure(new CircuitCause(ErrorKind.AUTH, "HTTP 401", "w"), null, 0);
        for (int swap = 0; swap < 1_000; swap++) {
            LaneId lane = lane("provider-" + swap, "main", "small");
            CircuitKey key = CircuitKey.ofLane(lane);
            cache.offer(Set.of(lane), Set.of(key, CircuitKey.ofInstance(lane)));
            cache.lane(lane).called(swap);
            cache.applyOwn(List.of(key), new Tripped(clock.now(), clock.now(), trip));
        }

        assertThat(cache.lanes()).hasSize(1);
        assertThat(cache.owns()).hasSize(1);
        assertThat(cache.lane(LANE).gone()).as("of one that was never seen here").isTrue();
    }

    @Test
    void takesOutTheSuccessesOfTheWindowOnce() {
        CallRing callRing = new CallRing(Duration.ofSeconds(8));
        callRing.add(0);
        callRing.add(3 * SECOND);
        callRing.add(3 * SECOND);
        callRing.add(9 * SECOND);

        assertThat(callRing.take(10 * SECOND)).isEqualTo(3);
        assertThat(callRing.take(10 * SECOND)).isZero();
    }

    @Test
    void takesACallBackOnceAndOnlyWhereItStillCounts() {
        CallRing callRing = new CallRing(Duration.ofSeconds(8));
        callRing.add(3 * SECOND);
        callRing.add(3 * SECOND);
        callRing.remove(3 * SECOND);
        callRing.remove(4 * SECOND);

        assertThat(callRing.take(4 * SECOND)).isEqualTo(1);
        callRing.remove(3 * SECOND);
        assertThat(callRing.take(4 * SECOND)).isZero();
    }

    @ParameterizedTest(name = "{0} means {1}: {2}")
    @CsvSource({
        "openai:main,                    openai:main,                      true",
        "openai:main,                    openai:main:inference:small,      false",
        "*:*,                            openai:main,                      true",
        "*:*:*:*,                        openai:main,                      false",
        "openai:*:inference:*,           openai:main:inference:org/a:b,    true",
        "openai:*:inference:org/*,       openai:main:inference:org/a:b,    true",
        "openai:*:embedding:*,           openai:main:inference:small,      false",
        "op*:m*n:inference:sm*,          openai:main:inference:small,      true",
        "o.enai:*,                       openai:main,                      false",
        "cloud:openai:main:inference:a:b, openai:main:inference:a:b,       true",
        "cloud:*:main:inference:a,       openai:main:inference:a,          true",
        "cloud:main:inference:a:b,       cloud:main:inference:a:b,         true",
    })
    void aTargetMeansPartByPart(String target, String key, boolean meant) {
        assertThat(new CircuitTarget(target).among(List.of(CircuitKey.parse(key))))
                .hasSize(meant ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "openai", "openai:main:inference", "a::inference:x", "a:b:chat:x"})
    void refusesATargetThatCannotMeanAnything(String target) {
        assertThatThrownBy(() -> new CircuitTarget(target))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(":type:model");
    }

    @Test
    void readsTheKeyThatItWrote() {
        CircuitKey odd = new CircuitKey("a", "b", ModelType.EMBEDDING, "org/model:tag:1");

        assertThat(CircuitKey.parse(odd.value())).isEqualTo(odd);
        assertThat(CircuitKey.parse("openai:main")).isEqualTo(CircuitKey.ofInstance(LANE));
    }

    @Test
    void tellsNewsFromItsOwnAndFromOtherSchemas() {
        NotificationPayload ours = new NotificationPayload(new SchemaName("gantry"), "w-1");
        NotificationPayload theirs = new NotificationPayload(new SchemaName("gantry"), "w-2");
        NotificationPayload elsewhere = new NotificationPayload(new SchemaName("gantry_2"), "w-3");

        assertThat(ours.meaning(theirs.news())).isEqualTo(NotificationPayload.Meaning.NEWS);
        assertThat(ours.meaning(ours.news())).isEqualTo(NotificationPayload.Meaning.NOISE);
        assertThat(ours.meaning(ours.echo())).isEqualTo(NotificationPayload.Meaning.ECHO);
        assertThat(ours.meaning(theirs.echo())).isEqualTo(NotificationPayload.Meaning.NOISE);
        assertThat(ours.meaning(elsewhere.news())).isEqualTo(NotificationPayload.Meaning.NOISE);
    }

    @Test
    void anEchoThatStaysAwayMeansThatNothingIsHeard() {
        AtomicLong ticks = new AtomicLong(1);
        ListenCheck check = new ListenCheck(ticks::get);
        assertThat(check.due()).isFalse();
        check.want();
        assertThat(check.due()).isTrue();
        check.sent();
        check.heard();
        assertThat(check.hears()).isTrue();

        ticks.addAndGet(30 * SECOND);
        assertThat(check.due()).isTrue();
        check.sent();
        assertThat(check.hears()).as("not late yet").isTrue();
        ticks.addAndGet(3 * SECOND);

        assertThat(check.hears()).isFalse();
    }
}
