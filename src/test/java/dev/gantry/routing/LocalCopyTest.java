package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.RequestOptions.Preference;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Stream;

/** A model that a server at hand lists goes before the same model elsewhere. */
class LocalCopyTest {
    private static final Preference CLOUD = new Preference("cloud", null, null);

    private static final LaneDraft FAR = lane("frontier:cloud:main:inference:llama3").weight(900);
    private static final LaneDraft HERE =
            lane("local:ollama:a:inference:llama3:latest").aliases("llama3", "chat").discovered();
    private static final LaneDraft OTHER = lane("frontier:cloud:main:inference:big").weight(900);

    @Test
    void theRunningCopyGoesFirst() {
        Route route = route(request("llama3"), FAR, HERE);

        assertThat(providers(route)).containsExactly("ollama", "cloud");
        assertThat(((Route.Open) route.way()).choice().rule()).isEqualTo(RankRule.LOCAL_COPY);
    }

    @Test
    void oneThatIsOnlyConfiguredGoesByItsWeight() {
        LaneDraft configured =
                lane("local:vllm:a:inference:llama3:latest").aliases("llama3").weight(10);

        assertThat(providers(route(request("llama3"), FAR, configured)))
                .containsExactly("cloud", "vllm");
    }

    @Test
    void oneThatIsDiscoveredFarAwayGoesByItsWeight() {
        LaneDraft far = lane("cloud:router:a:inference:llama3").discovered().weight(10);

        assertThat(providers(route(request("llama3"), FAR, far)))
                .containsExactly("cloud", "router");
    }

    @Test
    void whatTheCallerPrefersGoesBeforeIt() {
        assertThat(providers(route(request("llama3").prefer(CLOUD), FAR, HERE)))
                .containsExactly("cloud", "ollama");
    }

    @Test
    void anotherModelIsNoCopy() {
        assertThat(providers(route(request("auto"), OTHER, HERE)))
                .containsExactly("cloud", "ollama");
    }

    private static Route route(RequestBuilder request, LaneDraft... lanes) {
        List<Lane> all = Stream.of(lanes).map(LaneDraft::build).toList();
        return new Router(all, RoutingSettings.DEFAULT).route(request.build());
    }

    private static List<String> providers(Route route) {
        return route.lanes().stream().map(each -> each.id().provider()).toList();
    }
}
