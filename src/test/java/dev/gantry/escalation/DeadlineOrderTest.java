package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.Candidate;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.WhenBenched;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneLatencies.Quantiles;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;
import dev.gantry.routing.RoutingSettings.Order;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code order: deadline}. */
class DeadlineOrderTest {
    private static final Instant NOW = TickingClock.START;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Lane CHEAP = named("cheap", 9);
    private static final Lane TWIN = named("twin", 8);
    private static final Lane QUICK = named("quick", 100);
    private static final Lane UNPRICED = named("unpriced", 50);
    private static final PriceList PRICES =
            PriceList.of(
                    Map.of(CHEAP.id(), usd("1"), TWIN.id(), usd("1"), QUICK.id(), usd("5")),
                    "config",
                    "v");

    private final Map<LaneId, Duration> p95 = new HashMap<>();
    private final Map<LaneId, Duration> queues = new HashMap<>();
    private final Map<LaneId, LaneAvailability> benched = new HashMap<>();
    private WhenBenched whenBenched = WhenBenched.WAIT;
    private AttemptHistory history = AttemptHistory.EMPTY;

    DeadlineOrderTest() {
        p95.put(CHEAP.id(), Duration.ofSeconds(60));
        p95.put(TWIN.id(), Duration.ofSeconds(30));
        p95.put(QUICK.id(), Duration.ofSeconds(2));
    }

    @Test
    void asksForTheCheapestAloneWhileTheTimeLeftCoversItsP95() {
        AdmissionRequest ask = ask(Duration.ofSeconds(100), CHEAP, QUICK);

        assertThat(lanes(ask)).containsExactly(CHEAP.id());
        assertThat(ask.again()).isEqualTo(NOW.plusSeconds(40));
        assertThat(lanes(ask(Duration.ofSeconds(60), CHEAP, QUICK))).containsExactly(CHEAP.id());
    }

    @Test
    void asksForTheQuickestFirstWhereNoneIsQuickEnough() {
        AdmissionRequest ask = ask(Duration.ofSeconds(1), CHEAP, QUICK);

        assertThat(lanes(ask)).containsExactly(QUICK.id(), CHEAP.id());
        assertThat(ask.again()).isEqualTo(ask.deadline());
    }

    @Test
    void asksForTheCheapestOfThoseThatAreQuickEnough() {
        assertThat(lanes(ask(Duration.ofSeconds(59), CHEAP, TWIN, QUICK)))
                .containsExactly(TWIN.id());
        assertThat(lanes(ask(Duration.ofSeconds(29), CHEAP, TWIN, QUICK)))
                .containsExactly(QUICK.id());
    }

    @Test
    void asksForAllThatCostTheSame() {
        AdmissionRequest ask = ask(Duration.ofSeconds(100), CHEAP, TWIN, QUICK);

        assertThat(lanes(ask)).containsExactly(CHEAP.id(), TWIN.id());
        assertThat(ask.again()).isEqualTo(NOW.plusSeconds(40));
    }

    @Test
    void theQueueInFrontCounts() {
        queues.put(CHEAP.id(), Duration.ofSeconds(41));

        assertThat(lanes(ask(Duration.ofSeconds(100), CHEAP, QUICK))).containsExactly(QUICK.id());
        AdmissionRequest later = ask(Duration.ofSeconds(110), CHEAP, QUICK);
        assertThat(lanes(later)).containsExactly(CHEAP.id());
        assertThat(later.again()).isEqualTo(NOW.plusSeconds(9));
    }

    @Test
    void aBenchedLaneIsWaitedForIfItReopensInTime() {
        benched.put(CHEAP.id(), benched(NOW.plusSeconds(30)));

        AdmissionRequest ask = ask(Duration.ofSeconds(100), CHEAP, QUICK);
        assertThat(lanes(ask)).containsExactly(CHEAP.id());
        assertThat(ask.again()).isEqualTo(NOW.plusSeconds(40));
        assertThat(lanes(ask(Duration.ofSeconds(89), CHEAP, QUICK))).containsExactly(QUICK.id());
    }

    @Test
    void aDeniedLaneIsNotWaitedForNorAnyWhereBenchedLanesFail() {
        benched.put(CHEAP.id(), benched(null));
        assertThat(lanes(ask(Duration.ofDays(1), CHEAP, QUICK))).containsExactly(QUICK.id());

        benched.put(CHEAP.id(), benched(NOW.plusSeconds(30)));
        whenBenched = WhenBenched.FAIL;
        assertThat(lanes(ask(Duration.ofDays(1), CHEAP, QUICK))).containsExactly(QUICK.id());
    }

    /** Its first answers are the only way to know it. */
    @Test
    void aLaneOfUnknownLatencyIsTakenToNeedItsWholeTimeout() {
        p95.remove(CHEAP.id());
        Duration timeout = CHEAP.timeout();

        assertThat(lanes(ask(timeout, CHEAP, QUICK))).containsExactly(CHEAP.id());
        assertThat(lanes(ask(timeout.minusMillis(1), CHEAP, QUICK))).containsExactly(QUICK.id());
    }

    @Test
    void anUnknownPriceIsDearerThanAll() {
        assertThat(lanes(ask(Duration.ofHours(1), UNPRICED, QUICK))).containsExactly(QUICK.id());
        assertThat(lanes(ask(Duration.ofHours(1), UNPRICED))).containsExactly(UNPRICED.id());
    }

    @Test
    void aLaneThatFailedThisRequestComesAfterThoseUntried() {
        InferenceRequest request = request("auto").build();
        failedOnTheCheapOne(request);

        assertThat(lanes(ask(Duration.ofHours(1), CHEAP, QUICK))).containsExactly(QUICK.id());
        p95.put(QUICK.id(), Duration.ofHours(2));
        assertThat(lanes(ask(Duration.ofHours(1), CHEAP, QUICK))).containsExactly(CHEAP.id());
    }

    private void failedOnTheCheapOne(InferenceRequest request) {
        Route route = new Router(List.of(CHEAP), settings().build()).route(request);
        RunState begun =
                new RunState(
                        request,
                        route,
                        StandardPolicy.INSTANCE,
                        AttemptHistory.EMPTY,
                        false,
                        RandomRunTest.OPEN);
        history =
                history.with(
                        RandomRunTest.call(
                                request,
                                CallPlanner.plan(begun, CHEAP.id(), false),
                                Replies.error(503, "later")));
    }

    @Test
    void doesNotWaitForTheCheapLaneThatReopensTooLate() throws Exception {
        LoopFixture loop = new LoopFixture(Ledgers.untouched(), PRICES);
        bench(loop, CHEAP.id(), Duration.ofHours(2));
        loop.provider.on(QUICK, Replies.OK);
        Instant began = loop.clock.instant();

        Conclusion conclusion =
                loop.run(
                        request().deadline(began.plus(Duration.ofHours(1))),
                        settings().order(Order.DEADLINE),
                        CHEAP,
                        QUICK);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(QUICK.id());
        assertThat(loop.waits).isEmpty();
    }

    @Test
    void waitsForTheCheapLaneThatReopensInTime() throws Exception {
        LoopFixture loop = new LoopFixture(Ledgers.untouched(), PRICES);
        bench(loop, CHEAP.id(), Duration.ofMinutes(20));
        loop.provider.on(CHEAP, Replies.OK);
        Instant began = loop.clock.instant();

        loop.run(
                request().deadline(began.plus(Duration.ofHours(1))),
                settings().order(Order.DEADLINE),
                CHEAP,
                QUICK);

        assertThat(loop.provider.lanes()).containsExactly(CHEAP.id());
        assertThat(loop.clock.instant())
                .isBetween(began.plus(Duration.ofMinutes(19)), began.plus(Duration.ofMinutes(25)));
    }

    /** Half-open, it is neither closed nor waited for: others are asked, and at once. */
    @Test
    void takesTheQuickLaneWhereItMayNeitherProbeTheCheapOneNorWait() throws Exception {
        LoopFixture loop = new LoopFixture(Ledgers.untouched(), PRICES);
        loop.hurried = true;
        loop.circuits.failed(
                CHEAP.id(),
                loop.circuits.now(),
                new LaneFailure(ErrorKind.AUTH, Reach.INSTANCE, null, "of another"));
        loop.clock.advance(Duration.ofHours(2));
        assertThat(loop.circuits.availability(CHEAP.id()))
                .isInstanceOf(LaneAvailability.HalfOpen.class);
        loop.provider.on(QUICK, Replies.OK);

        Conclusion conclusion =
                loop.run(
                        request().priority("critical").deadline(loop.clock.instant().plus(HOUR)),
                        settings().order(Order.DEADLINE).whenBenched(WhenBenched.FAIL),
                        CHEAP,
                        QUICK);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(QUICK.id());
    }

    private static void bench(LoopFixture loop, LaneId lane, Duration time) {
        loop.circuits.failed(
                lane,
                loop.circuits.now(),
                new LaneFailure(ErrorKind.RATE_LIMIT, Reach.LANE, time, "told so"));
    }

    private AdmissionRequest ask(Duration left, Lane... lanes) {
        InferenceRequest request = request("auto").deadline(NOW.plus(left)).build();
        Route route =
                new Router(
                                List.of(lanes),
                                settings().order(Order.DEADLINE).whenBenched(whenBenched).build(),
                                Map.of(),
                                PRICES)
                        .route(request);
        LaneStates states =
                new LaneStates(
                        NOW,
                        lane -> benched.getOrDefault(lane, new LaneAvailability.Admitted(0)),
                        (_, _, _) -> false,
                        (_, _) -> Repair.NONE,
                        this::latency,
                        (lane, _) -> queues.getOrDefault(lane, Duration.ZERO));
        RunState state =
                new RunState(request, route, StandardPolicy.INSTANCE, history, false, states);
        Next next = StandardPolicy.INSTANCE.next(state);
        assertThat(next).isInstanceOf(Next.Enter.class);
        return ((Next.Enter) next).ask();
    }

    private @Nullable Quantiles latency(LaneId lane) {
        Duration known = p95.get(lane);
        return known == null ? null : new Quantiles(known.dividedBy(2), known);
    }

    private static List<LaneId> lanes(AdmissionRequest ask) {
        return ask.candidates().stream().map(Candidate::lane).toList();
    }

    private static LaneAvailability benched(@Nullable Instant until) {
        return new LaneAvailability.Benched(until, ErrorKind.RATE_LIMIT, "busy");
    }

    private static Price usd(String each) {
        BigDecimal price = new BigDecimal(each);
        return Price.of(price, null, null, price);
    }

    private static Lane named(String name, double weight) {
        return lane("cloud:%s:i:inference:m-%s".formatted(name, name)).weight(weight).build();
    }
}
