package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Capability;
import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Quality;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Preference;
import dev.gantry.inference.Tier;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.operation.Operations;
import dev.gantry.routing.RoutingSettings.Advice;
import dev.gantry.routing.RoutingSettings.Order;
import dev.gantry.routing.RoutingSettings.Role;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What ranks before weight: price, latency, effort, and what the caller prefers. */
class LaneOrderTest {
    private static final Intent MINIMIZE = new Intent(Set.of(), null, null, CostGoal.MINIMIZE);

    private final Map<LaneId, Price> prices = new HashMap<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final LaneLatencies latencies = new LaneLatencies(() -> 0);

    @Test
    void ranksByThePriceOfTheWork() {
        priced("dear", "1", "10");
        priced("cheap", "2", "1");

        assertThat(models(Order.COST, request("auto").input(1000).output(1000)))
                .containsExactly("cheap", "dear");
        assertThat(models(Order.COST, request("auto").input(100_000).output(10)))
                .containsExactly("dear", "cheap");
        assertThat(rule(Order.COST, request("auto"))).isEqualTo(RankRule.COST);
    }

    /** Otherwise the model that could write more would be the dearer one. */
    @Test
    void comparesAsMuchOutputAsInputWhereNoLimitIsSet() {
        add(lane("cloud:p:i:inference:long").maxOutput(100_000), "1", "1");
        add(lane("cloud:p:i:inference:short").maxOutput(1000), "1", "2");

        assertThat(models(Order.COST, request("auto").input(50))).containsExactly("long", "short");
    }

    @Test
    void countsEachChoiceAndNoMoreThanTheModelCanWrite() {
        add(lane("cloud:p:i:inference:bounded").maxOutput(10), "5", "10");
        priced("plain", "10", "1");

        assertThat(models(Order.COST, request("auto").input(100).output(5000)))
                .containsExactly("bounded", "plain");
        assertThat(models(Order.COST, request("auto").input(100).output(5000).choices(9)))
                .containsExactly("bounded", "plain");
        assertThat(models(Order.COST, request("auto").input(100).output(10).choices(9)))
                .containsExactly("plain", "bounded");
    }

    @Test
    void anUnknownPriceIsNotFreeAndAZeroIs() {
        priced("priced", "1", "1");
        priced("halfKnown", "0.1", null);
        add(lane("cloud:p:i:inference:unknown").weight(1000));
        priced("free", "0", "0");

        assertThat(models(Order.COST, request("auto")))
                .startsWith("free", "priced")
                .hasSize(4)
                .endsWith("halfKnown");
    }

    @Test
    void anEmbeddingHasNoOutputToPay() {
        add(lane("cloud:p:i:embedding:a").weight(5), "1", null);
        add(lane("cloud:p:j:embedding:a").weight(9), "2", null);

        Route route =
                router(settings().order(Order.COST))
                        .route(request("a").operation(Operations.EMBEDDINGS).build());

        assertThat(route.lanes())
                .extracting(each -> each.id().instance())
                .containsExactly("i", "j");
    }

    @Test
    void equalPricesGoByWeightAndEqualWeightsTakeTurns() {
        add(lane("cloud:p:light:inference:m").weight(1), "1", "1");
        add(lane("cloud:p:one:inference:m").weight(9), "1", "1");
        add(lane("cloud:p:two:inference:m").weight(9), "1", "1");

        Set<String> firsts = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            Route route = route(settings().order(Order.COST), request("m").id("r-" + i));
            firsts.add(route.lanes().getFirst().id().instance());
            assertThat(route.lanes().getLast().id().instance()).isEqualTo("light");
        }
        assertThat(firsts).containsExactly("one", "two");
        assertThat(rule(Order.COST, request("m"))).isEqualTo(RankRule.TURN);
    }

    /** Routing rules 1.7: all instances of a model are tried before the next model. */
    @Test
    void keepsAModelsLanesTogether() {
        add(lane("cloud:p:cheap:inference:a"), "1", "1");
        add(lane("cloud:p:dear:inference:a"), "9", "9");
        add(lane("cloud:p:i:inference:b"), "2", "2");

        assertThat(models(Order.COST, request("auto"))).containsExactly("a", "a", "b");
    }

    /** Legion, intent cost: minimize. */
    @Test
    void aRequestThatMinimizesCostIsRankedByPrice() {
        add(lane("cloud:p:heavy:inference:m").weight(900), "2", "2");
        add(lane("cloud:p:cheap:inference:m").weight(1), "1", "1");

        assertThat(instances(settings(), request("m"))).containsExactly("heavy", "cheap");
        assertThat(instances(settings(), request("m").intent(MINIMIZE)))
                .containsExactly("cheap", "heavy");
    }

    @Test
    void ranksByTheMovingP95() {
        add(lane("cloud:p:slow:inference:m").weight(900));
        add(lane("cloud:p:quick:inference:m").weight(1));
        answered("slow", 400);
        answered("quick", 90);

        assertThat(instances(settings().order(Order.LATENCY), request("m")))
                .containsExactly("quick", "slow");
        assertThat(rule(Order.LATENCY, request("m"))).isEqualTo(RankRule.LATENCY);
    }

    @Test
    void aLaneOfUnknownLatencyStandsBehindExceptForOneRequestInTwenty() {
        add(lane("cloud:p:cold:inference:m").weight(900));
        add(lane("cloud:p:warm:inference:m").weight(1));
        answered("warm", 400);

        long scouts =
                IntStream.range(0, 2000)
                        .mapToObj(
                                each ->
                                        instances(
                                                settings().order(Order.LATENCY),
                                                request("m").id("r-" + each)))
                        .filter(each -> each.getFirst().equals("cold"))
                        .count();

        assertThat(scouts).isBetween(60L, 140L);
    }

    @Test
    void whereNothingIsKnownOfLatenciesWeightDecides() {
        add(lane("cloud:p:light:inference:m").weight(1));
        add(lane("cloud:p:heavy:inference:m").weight(2));

        for (int i = 0; i < 50; i++) {
            assertThat(instances(settings().order(Order.LATENCY), request("m").id("r-" + i)))
                    .containsExactly("heavy", "light");
        }
    }

    /** Legion and gaia: effort prefers models of a quality (row 99). */
    @ParameterizedTest
    @CsvSource({"LOW,low", "MODERATE,mid", "HIGH,high", "REASONING,high"})
    void effortPrefersItsQuality(Effort effort, String first) {
        for (Quality quality : Quality.values()) {
            add(lane("cloud:p:i:inference:" + quality.label()).quality(quality));
        }
        add(lane("cloud:p:i:inference:unrated").weight(900));
        Intent intent = new Intent(Set.of(), effort, null, null);

        List<String> models = models(Order.WEIGHT, request("auto").intent(intent));

        assertThat(models.getFirst()).isEqualTo(first);
        assertThat(models).hasSize(4);
        assertThat(rule(Order.WEIGHT, request("auto").intent(intent))).isEqualTo(RankRule.EFFORT);
    }

    @Test
    void reasoningNeedsALaneThatThinks() {
        add(lane("cloud:p:plain:inference:m").capabilities(Capability.TOOLS).weight(900));
        add(lane("cloud:p:thinks:inference:m").capabilities(Capability.THINKING));
        Intent intent = new Intent(Set.of(), Effort.REASONING, null, null);

        Route route = route(settings(), request("m").intent(intent));

        assertThat(route.needs()).containsExactly(Capability.THINKING);
        assertThat(route.lanes())
                .extracting(each -> each.id().instance())
                .containsExactly("thinks");
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void whatTheCallerPrefersGoesBeforeEffortAndOrder(Order order) {
        add(lane("cloud:p:i:inference:m").quality(Quality.HIGH).weight(900), "1", "1");
        add(lane("cloud:q:j:inference:m").quality(Quality.LOW).weight(1), "9", "9");

        Route route =
                route(
                        settings().order(order),
                        request("m")
                                .prefer(new Preference("q", null, null))
                                .intent(new Intent(Set.of(), Effort.HIGH, null, null)));

        assertThat(route.lanes())
                .extracting(each -> each.id().instance())
                .containsExactly("j", "i");
        assertThat(choice(route).rule()).isEqualTo(RankRule.PREFER);
    }

    /** Legion's intent of an assignment (row 67): it yields to what the caller says. */
    @Test
    void aRoleOrAPriorityMayCarryEffortAndCost() {
        add(lane("cloud:p:heavy:inference:m").quality(Quality.HIGH).weight(900), "2", "2");
        add(lane("cloud:p:cheap:inference:m").quality(Quality.LOW).weight(1), "1", "1");
        SettingsDraft role =
                settings().role(new Role("batch:*", Tier.CLOUD, null, CostGoal.MINIMIZE));
        SettingsDraft priority =
                settings().priority("low", new Advice(Tier.CLOUD, Effort.LOW, null));
        Intent own = new Intent(Set.of(), Effort.HIGH, null, CostGoal.NORMAL);

        assertThat(instances(role, request("m").identity("batch:x")).getFirst()).isEqualTo("cheap");
        assertThat(instances(priority, request("m").priority("low")).getFirst()).isEqualTo("cheap");
        assertThat(instances(role, request("m").identity("batch:x").intent(own)).getFirst())
                .isEqualTo("heavy");
        assertThat(instances(priority, request("m").priority("low").intent(own)).getFirst())
                .isEqualTo("heavy");
        assertThat(instances(role, request("m").identity("batch:x").escalate(true)).getFirst())
                .isEqualTo("heavy");
    }

    @Test
    void saysWhatPutTheFirstLaneFirst() {
        add(lane("cloud:p:heavy:inference:m").weight(9));
        add(lane("local:q:light:inference:m").weight(1));
        add(lane("local:q:light:inference:other").weight(1));

        assertThat(rule(Order.WEIGHT, request("m"))).isEqualTo(RankRule.WEIGHT);
        assertThat(rule(Order.WEIGHT, request("other"))).isEqualTo(RankRule.ONLY_LANE);
        assertThat(choice(route(settings(), request("m").hint(Tier.LOCAL))).rule())
                .isEqualTo(RankRule.ASSIGNMENT);
        assertThat(
                        choice(route(settings().defaultModel("m").defaultProvider("q"), request()))
                                .rule())
                .isEqualTo(RankRule.DEFAULT_PROVIDER);
        Route.Choice fallback = choice(route(settings(), request("gone").fallbacks("other")));
        assertThat(fallback).isEqualTo(new Route.Choice(Order.WEIGHT, RankRule.ONLY_LANE, true));
    }

    /** A replay, and every other worker, chooses alike whatever the order of the configuration. */
    @Test
    void theOrderOfTheConfigurationDecidesNothing() {
        Random random = new Random(7);
        for (int i = 0; i < 40; i++) {
            String price = String.valueOf(random.nextInt(3));
            add(
                    lane("cloud:p%d:i%d:inference:m%d".formatted(i % 3, i, i % 7))
                            .weight(1 + random.nextInt(2)),
                    price,
                    price);
        }
        for (Order order : Order.values()) {
            InferenceRequest request = request("auto").id(order.label()).build();
            List<Lane> once = router(settings().order(order)).route(request, latencies).lanes();
            Collections.shuffle(lanes, random);
            assertThat(router(settings().order(order)).route(request, latencies).lanes())
                    .hasSize(40)
                    .isEqualTo(once);
        }
    }

    private void priced(String model, @Nullable String input, @Nullable String output) {
        add(lane("cloud:p:i:inference:" + model), input, output);
    }

    private void add(LaneDraft draft, @Nullable String input, @Nullable String output) {
        Lane lane = draft.build();
        lanes.add(lane);
        prices.put(lane.id(), Price.of(usd(input), null, null, usd(output)));
    }

    private void add(LaneDraft draft) {
        lanes.add(draft.build());
    }

    private static @Nullable BigDecimal usd(@Nullable String text) {
        return text == null ? null : new BigDecimal(text);
    }

    private void answered(String instance, int millis) {
        lanes.stream()
                .map(Lane::id)
                .filter(each -> each.instance().equals(instance))
                .forEach(
                        each -> {
                            for (int i = 0; i < LaneLatencies.FEWEST; i++) {
                                latencies.answered(each, Duration.ofMillis(millis));
                            }
                        });
    }

    private Router router(SettingsDraft settings) {
        return new Router(lanes, settings.build(), Map.of(), PriceList.of(prices, "config", "v"));
    }

    private Route route(SettingsDraft settings, RequestBuilder request) {
        return router(settings).route(request.build(), latencies);
    }

    private List<String> models(Order order, RequestBuilder request) {
        return route(settings().order(order), request).lanes().stream()
                .map(each -> each.id().model())
                .toList();
    }

    private List<String> instances(SettingsDraft settings, RequestBuilder request) {
        return route(settings, request).lanes().stream().map(each -> each.id().instance()).toList();
    }

    private RankRule rule(Order order, RequestBuilder request) {
        return choice(route(settings().order(order), request)).rule();
    }

    private static Route.Choice choice(Route route) {
        return ((Route.Open) route.way()).choice();
    }
}
