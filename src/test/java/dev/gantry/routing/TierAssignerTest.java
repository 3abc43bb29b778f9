package dev.gantry.routing;

import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SampleCatalogue.MINI;
import static dev.gantry.routing.SampleCatalogue.MINI_TWO;
import static dev.gantry.routing.SampleCatalogue.QWEN;
import static dev.gantry.routing.SampleCatalogue.route;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.RequestOptions.Preference;
import dev.gantry.inference.Tier;

import org.junit.jupiter.api.Test;

class TierAssignerTest {
    @Test
    void ranksWhatIsPreferredFirstAndFiltersNothing() {
        Route route = route(settings(), request("auto").prefer(new Preference("vllm", null, null)));

        assertThat(route.lanes()).startsWith(QWEN).hasSize(5);
    }

    @Test
    void ranksAnInstanceThatIsPreferredFirst() {
        Route route =
                route(
                        settings(),
                        request("gpt-mini").prefer(new Preference("openai", "backup", null)));

        assertThat(route.lanes()).containsExactly(MINI_TWO, MINI);
    }

    @Test
    void lesson34PutsTheAdvisedTierFirstWithinAModelWhereTheCallerSetNothing() {
        Route route = route(settings(), request("small").hint(Tier.LOCAL));

        assertThat(route.lanes()).containsExactly(QWEN, MINI);
        assertThat(route.assignment())
                .isEqualTo(new Assignment(Tier.LOCAL, Assignment.Source.HINT, true));
    }

    @Test
    void lesson34SaysThatAdviceDidNotApplyWhereTheCallerSetSomething() {
        Route route =
                route(
                        settings(),
                        request("small").hint(Tier.LOCAL).prefer(new Preference(null, "x", null)));

        assertThat(route.lanes()).containsExactly(MINI, QWEN);
        assertThat(route.assignment())
                .isEqualTo(new Assignment(Tier.LOCAL, Assignment.Source.HINT, false));
    }

    @Test
    void lesson34SaysThatAdviceDidNotApplyWhereNoLaneHasTheTier() {
        Route route = route(settings(), request("gpt-mini").hint(Tier.LOCAL));

        assertThat(route.lanes()).containsExactly(MINI, MINI_TWO);
        assertThat(route.assignment())
                .isEqualTo(new Assignment(Tier.LOCAL, Assignment.Source.HINT, false));
    }

    @Test
    void hintBeatsRoleBeatsPriority() {
        SettingsDraft settings = settings().role("user:*", Tier.CLOUD).priority("low", Tier.LOCAL);

        Assignment hint =
                route(
                                settings,
                                request("auto")
                                        .identity("user:jo")
                                        .priority("low")
                                        .hint(Tier.FLEET))
                        .assignment();
        Assignment role =
                route(settings, request("auto").identity("user:jo").priority("low")).assignment();
        Assignment priority =
                route(settings, request("auto").identity("bot:x").priority("low")).assignment();
        Assignment caller =
                route(settings, request("auto").identity("user:jo").tier(Tier.LOCAL)).assignment();

        assertThat(hint).isEqualTo(new Assignment(Tier.FLEET, Assignment.Source.HINT, false));
        assertThat(role).isEqualTo(new Assignment(Tier.CLOUD, Assignment.Source.ROLE, true));
        assertThat(priority)
                .isEqualTo(new Assignment(Tier.LOCAL, Assignment.Source.PRIORITY, true));
        assertThat(caller).isNull();
    }
}
