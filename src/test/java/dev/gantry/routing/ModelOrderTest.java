package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SampleCatalogue.ALL;
import static dev.gantry.routing.SampleCatalogue.CLAUDE;
import static dev.gantry.routing.SampleCatalogue.LARGE;
import static dev.gantry.routing.SampleCatalogue.MINI;
import static dev.gantry.routing.SampleCatalogue.MINI_TWO;
import static dev.gantry.routing.SampleCatalogue.QWEN;
import static dev.gantry.routing.SampleCatalogue.VECTORS;
import static dev.gantry.routing.SampleCatalogue.deadEnd;
import static dev.gantry.routing.SampleCatalogue.route;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.FailureCode;
import dev.gantry.operation.Operations;
import dev.gantry.routing.RoutingSettings.ModelMismatch;
import dev.gantry.routing.RoutingSettings.UnknownModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

class ModelOrderTest {
    @Test
    void takesTheLanesOfTheNamedModelByWeight() {
        Route route = route(settings(), request("gpt-mini"));

        assertThat(route.lanes()).containsExactly(MINI, MINI_TWO);
        assertThat(route.exclusions()).isEmpty();
    }

    @Test
    void findsAModelByItsAliasAndKeepsEachModelsLanesTogether() {
        Lane more = lane("fleet:vllm:two:inference:gpt-mini").aliases("small").weight(1).build();
        List<Lane> lanes = new ArrayList<>(ALL);
        lanes.add(more);

        Route route = new Router(lanes, settings().build()).route(request(" small ").build());

        assertThat(route.lanes()).containsExactly(MINI, more, QWEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude", "us.claude", "eu.claude", "ap.claude"})
    void lesson25TakesARegionPrefixForTheSameModel(String name) {
        Route route = route(settings(), request(name));

        assertThat(route.lanes()).containsExactly(CLAUDE);
    }

    @Test
    void opensAllLanesOfTheTypeForAuto() {
        Route route = route(settings(), request("auto"));

        assertThat(route.lanes())
                .containsExactlyInAnyOrder(MINI, MINI_TWO, LARGE, QWEN, CLAUDE)
                .endsWith(CLAUDE, QWEN);
    }

    @Test
    void triesFallbacksInOrderWithoutRepeatingALane() {
        Route route =
                route(
                        settings().fallbackModels("claude", "gpt-large"),
                        request("gpt-large").fallbacks(" qwen ", "gpt-large", "unknown"));

        assertThat(route.lanes()).containsExactly(LARGE, QWEN, CLAUDE);
    }

    @Test
    void putsTheExplicitModelBeforeTheOneInTheBody() {
        Route route = route(settings(), request("gpt-large").explicitModel("qwen"));

        assertThat(route.lanes()).containsExactly(QWEN);
    }

    @Test
    void endsWhereNobodyOffersTheExplicitModel() {
        Route route =
                route(
                        settings().unknownModel(UnknownModel.AUTO).fallbackModels("qwen"),
                        request("gpt-large").explicitModel("nowhere"));

        assertThat(route.lanes()).isEmpty();
        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE);
        assertThat(deadEnd(route).message()).contains("nowhere");
    }

    @Test
    void rejectsAnUnknownModel() {
        Route route = route(settings(), request("nowhere"));

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE);
        assertThat(deadEnd(route).message()).contains("model nowhere");
    }

    @Test
    void answersAnUnknownModelWithAllLanesWhereConfigured() {
        Route route = route(settings().unknownModel(UnknownModel.AUTO), request("nowhere"));

        assertThat(route.lanes()).hasSize(5);
    }

    @Test
    void lesson26AnswersTheBodysModelWithAFallback() {
        Route route = route(settings().fallbackModels("qwen"), request("nowhere"));

        assertThat(route.lanes()).containsExactly(QWEN);
    }

    @Test
    void answersWithTheHardProvidersFirstModelWhereItLacksTheWishedOne() {
        Route route = route(settings(), request("qwen").provider("openai"));

        assertThat(route.lanes()).containsExactly(LARGE);
    }

    @Test
    void rejectsAMismatchWhereConfigured() {
        Route route =
                route(
                        settings().modelMismatch(ModelMismatch.REJECT),
                        request("qwen").provider("openai"));

        assertThat(route.exclusions()).containsExactly(new Exclusion(QWEN, Filter.PROVIDER));
        assertThat(deadEnd(route).message()).contains("provider (openai)");
    }

    @Test
    void neverReplacesAnExplicitModel() {
        Route route = route(settings(), request().explicitModel("qwen").provider("openai"));

        assertThat(route.lanes()).isEmpty();
    }

    @Test
    void lesson5TakesTheExplicitProvidersOwnDefaultNeverAnothers() {
        Route route = route(settings().defaultModel("qwen"), request().provider("openai"));

        assertThat(route.lanes()).containsExactly(LARGE);
    }

    @Test
    void lesson5DispatchesNoPairThatTheCatalogueLacks() {
        Route route = route(settings().defaultProvider("bedrock").defaultModel("qwen"), request());

        assertThat(route.lanes()).containsExactly(QWEN);
    }

    @Test
    void ranksTheDefaultProviderFirstWhereNothingIsNamed() {
        Lane elsewhere = lane("local:other:x:inference:qwen").weight(900).build();
        Router router =
                new Router(
                        List.of(elsewhere, QWEN),
                        settings().defaultProvider("vllm").defaultModel("qwen").build());

        Route route = router.route(request().build());

        assertThat(route.lanes()).containsExactly(QWEN, elsewhere);
    }

    @Test
    void takesTheDefaultProvidersFirstModelWhereNoDefaultModelIsSet() {
        Route route = route(settings().defaultProvider("openai"), request());

        assertThat(route.lanes()).containsExactly(LARGE);
    }

    @Test
    void endsWhereNothingIsNamedAndNothingIsDefault() {
        Route route = route(settings(), request());

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE);
        assertThat(deadEnd(route).message()).contains("no model is named");
    }

    @Test
    void keepsEmbeddingsApart() {
        Route route = route(settings(), request("auto").operation(Operations.EMBEDDINGS));

        assertThat(route.lanes()).containsExactly(VECTORS);
    }
}
