package dev.gantry.benchmark;

import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.routing.SettingsDraft;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What a request's route costs over 200 lanes, by JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoutingBenchmark {
    private static final int LANES = 200;
    private static final int LINKS = 5;
    private static final RoutingPolicy POLICY =
            new RoutingPolicy(
                    "p",
                    IntStream.range(0, LINKS)
                            .mapToObj(
                                    each ->
                                            RoutingPolicy.Link.of(
                                                    "p" + each, "m" + each, null, null, null))
                            .toList(),
                    FailoverRules.DEFAULT,
                    RoutingPolicy.Latency.NONE,
                    Caps.NONE,
                    RoutingPolicy.DEFAULT_EVENT);

    private final Router router =
            new Router(lanes(), RoutingSettings.DEFAULT, Map.of("p", POLICY), PriceList.NONE);
    private final Router priced = router(RoutingSettings.Order.COST);
    private final Router timed = router(RoutingSettings.Order.LATENCY);
    private final LaneLatencies latencies = latencies();
    private final InferenceRequest model = RequestBuilder.request("m3").build();
    private final InferenceRequest any = RequestBuilder.request("auto").build();
    private final InferenceRequest named = RequestBuilder.request("m3").policy("p").build();
    private final InferenceRequest inline = RequestBuilder.request("m3").policy(POLICY).build();

    private static Router router(RoutingSettings.Order order) {
        Map<LaneId, Price> prices = new HashMap<>();
        for (Lane lane : lanes()) {
            BigDecimal price = BigDecimal.valueOf(prices.size() % 7, 2);
            prices.put(lane.id(), Price.of(price, null, null, price));
        }
        return new Router(
                lanes(),
                SettingsDraft.settings().order(order).build(),
                Map.of(),
                PriceList.of(prices, "config", "v"));
    }

    private static LaneLatencies latencies() {
        LaneLatencies latencies = new LaneLatencies(System::nanoTime);
        for (Lane lane : lanes()) {
            for (int i = 0; i < 64; i++) {
                latencies.answered(lane.id(), Duration.ofMillis(100 + i));
            }
        }
        return latencies;
    }

    /** Ten providers with four instances, each of five models. */
    private static List<Lane> lanes() {
        return IntStream.range(0, LANES)
                .mapToObj(
                        each ->
                                "frontier:p%d:i%d:inference:m%d"
                                        .formatted(each % 10, each / 50, each / 10 % 5))
                .map(each -> LaneDraft.lane(each).build())
                .toList();
    }

    /** Of a model that 40 lanes offer. */
    @Benchmark
    public Route byModel() {
        return router.route(model);
    }

    /** All lanes. */
    @Benchmark
    public Route byAnyModel() {
        return router.route(any);
    }

    /** All lanes, each with a price. */
    @Benchmark
    public Route byPrice() {
        return priced.route(any);
    }

    /** All lanes, each of known latency. */
    @Benchmark
    public Route byLatency() {
        return timed.route(any, latencies);
    }

    /** A chain of five links, each of four instances. */
    @Benchmark
    public Route byPolicy() {
        return router.route(named);
    }

    /** The same, as it comes with its request. */
    @Benchmark
    public Route byInlinePolicy() {
        return router.route(inline);
    }

    /** Prints nanoseconds and bytes; checks nothing. */
    @Test
    void run() throws RunnerException {
        new Runner(JmhOptions.of(RoutingBenchmark.class).jvmArgsAppend("-Xmx1g").build()).run();
    }
}
