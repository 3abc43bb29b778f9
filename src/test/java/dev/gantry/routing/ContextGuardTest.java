package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class ContextGuardTest {
    @ParameterizedTest(name = "window {0}, headroom {1}, in {2}, out {3}: {4}")
    @CsvSource({
        "1000, 0.90,  900,    0, true",
        "1000, 0.90,  901,    0, false",
        "1000, 0.90,  400,  500, true",
        "1000, 0.90,  400,  501, false",
        "1000, 1.00, 1000,    0, true",
        " 999, 0.90,  899,    0, true",
        " 999, 0.90,  900,    0, false",
        "1000, 0.90,  900, 9223372036854775807, false"
    })
    void comparesEstimateAndOutputWithTheUsableWindow(
            long window, double headroom, long input, long output, boolean fits) {
        Lane lane = lane("local:a:b:inference:m").window(window).build();

        boolean actual = ContextGuard.fits(lane, facts(input, output), headroom);

        assertThat(actual).isEqualTo(fits);
    }

    @Test
    void letsAnUnknownWindowPass() {
        Lane lane = lane("local:a:b:inference:m").build();

        boolean fits = ContextGuard.fits(lane, facts(Long.MAX_VALUE, Long.MAX_VALUE), 0.9);

        assertThat(fits).isTrue();
    }

    @Test
    void countsAnOutputLimitAboveTheCeilingAsWhatIsSent() {
        Lane lane = lane("local:a:b:inference:m").window(1000).maxOutput(100).build();

        boolean fits = ContextGuard.fits(lane, facts(800, 100_000), 0.9);

        assertThat(fits).isTrue();
    }

    @Test
    void lesson8NeverRejectsALaneThatTheRouterChose() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            double headroom = 0.01 + random.nextDouble() * 0.99;
            Router router = new Router(lanes(random), settings().headroom(headroom).build());
            InferenceRequest request =
                    request("auto")
                            .input(1 + random.nextInt(3000))
                            .output(random.nextInt(3000))
                            .build();

            Route route = router.route(request);

            assertThat(route.lanes())
                    .as("seed %d, round %d", seed, round)
                    .allMatch(lane -> ContextGuard.fits(lane, request.body().facts(), headroom));
            assertThat(route.exclusions())
                    .as("seed %d, round %d", seed, round)
                    .hasSize(20 - route.lanes().size());
        }
    }

    private static List<Lane> lanes(Random random) {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            LaneDraft draft = lane("local:p%d:i:inference:m%d".formatted(i, i % 4));
            if (random.nextInt(5) > 0) {
                draft.window(random.nextInt(6000));
            }
            if (random.nextBoolean()) {
                draft.maxOutput(1 + random.nextInt(2000));
            }
            lanes.add(draft.build());
        }
        return lanes;
    }

    private static RequestBody.Facts facts(long input, long output) {
        return request().input(input).output(output).build().body().facts();
    }
}
