package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SampleCatalogue.LARGE;
import static dev.gantry.routing.SampleCatalogue.MINI;
import static dev.gantry.routing.SampleCatalogue.MINI_TWO;
import static dev.gantry.routing.SampleCatalogue.QWEN;
import static dev.gantry.routing.SampleCatalogue.route;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.WhenBenched;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

class RouterTest {
    @Test
    void lesson3TriesAllInstancesOfTheExplicitProviderBeforeItsNextModel() {
        Route route =
                route(
                        settings(),
                        request("gpt-mini").provider("openai").fallbacks("gpt-large", "qwen"));

        assertThat(route.lanes()).containsExactly(MINI, MINI_TWO, LARGE);
        assertThat(route.exclusions()).containsExactly(new Exclusion(QWEN, Filter.PROVIDER));
    }

    @Test
    void choosesAlikeForTheSameRequestWhateverTheOrderOfTheCatalogue() {
        List<Lane> lanes = equal(8);
        List<Lane> shuffled = new ArrayList<>(lanes);
        Collections.shuffle(shuffled, new Random(7));
        RequestBuilder request = request("m").id("job-17");

        Route first = new Router(lanes, settings().build()).route(request.build());
        Route second = new Router(shuffled, settings().build()).route(request.build());

        assertThat(second.lanes()).isEqualTo(first.lanes());
    }

    @Test
    void spreadsRequestsOverEqualLanes() {
        Router router = new Router(equal(4), settings().build());
        Map<String, Integer> first = new HashMap<>();

        for (int i = 0; i < 4000; i++) {
            Route route = router.route(request("m").id("job-" + i).build());
            first.merge(route.lanes().getFirst().id().instance(), 1, Integer::sum);
        }

        assertThat(first.values()).hasSize(4).allMatch(count -> count > 850 && count < 1150);
    }

    @Test
    void carriesTheLimitsOfTheRequestAndTheConfiguration() {
        SettingsDraft settings = settings().maxAttempts(5).maxRefusals(7).headroom(0.5);

        Route configured = route(settings, request("qwen"));
        Route asked = route(settings, request("qwen").escalate(false));

        assertThat(configured.limits())
                .isEqualTo(new Route.Limits(true, 5, 7, 0.5, WhenBenched.WAIT));
        assertThat(asked.limits()).isEqualTo(new Route.Limits(false, 5, 7, 0.5, WhenBenched.WAIT));
    }

    @Test
    void holdsEveryLaneOfTheWantedModelsExactlyOnce() {
        Route route =
                route(settings().denied("qwen"), request("small").fallbacks("auto", "gpt-mini"));

        Set<Object> seen = new HashSet<>(route.lanes());
        route.exclusions().forEach(each -> seen.add(each.lane().id()));
        assertThat(seen).hasSize(route.lanes().size() + route.exclusions().size()).hasSize(5);
    }

    private static List<Lane> equal(int count) {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lanes.add(lane("local:vllm:i%d:inference:m".formatted(i)).build());
        }
        return lanes;
    }
}
