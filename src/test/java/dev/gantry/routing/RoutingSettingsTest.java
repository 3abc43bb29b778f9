package dev.gantry.routing;

import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Tier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingSettingsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void lesson51RefusesMaxAttemptsBelowOne(int attempts) {
        assertThatThrownBy(() -> settings().maxAttempts(attempts).build())
                .hasMessage("gantry.routing.max-attempts: %d; allowed is 1 or more", attempts);
    }

    @Test
    void refusesMaxRefusalsBelowOne() {
        assertThatThrownBy(() -> settings().maxRefusals(0).build())
                .hasMessageStartingWith("gantry.routing.max-refusals: 0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN})
    void refusesAHeadroomOutsideItsBounds(double headroom) {
        assertThatThrownBy(() -> settings().headroom(headroom).build())
                .hasMessageStartingWith("gantry.routing.context-headroom: " + headroom);
    }

    @Test
    void refusesEmptyNames() {
        assertThatThrownBy(() -> settings().denied("gpt", " ").build())
                .hasMessageStartingWith("gantry.routing.denied-models: ");
        assertThatThrownBy(() -> settings().role("", Tier.LOCAL).build())
                .hasMessageStartingWith("gantry.routing.roles: ");
    }

    @Test
    void weighsEveryTier() {
        assertThat(RoutingSettings.DEFAULT.tierWeights()).containsOnlyKeys(Tier.values());
    }
}
