package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.Map;

/** A default gives way to what the user set; what the user set twice and contradicts is refused. */
class YieldingTest {
    @ParameterizedTest
    @CsvSource({
        "5s,, PT5S, PT5S",
        ", 15m, PT15M, PT15M",
        "5s, 2s, PT5S, PT2S",
        ",, PT10M, PT10S",
    })
    void aProvidersTimesYieldToEachOther(
            @Nullable String timeout,
            @Nullable String connect,
            String expected,
            String expectedConnect) {
        ProviderSettings acme =
                bind("""
                                gantry.providers.acme:
                                  tier: local
                                  auth: none
                                %s
                                %s
                                  instances.main.base-url: http://localhost:1/v1
                                  models: [{id: m}]
                                """
                                .formatted(
                                        line("  timeout", timeout),
                                        line("  connect-timeout", connect)))
                        .providers()
                        .get("acme");

        assertThat(acme).isNotNull();
        assertThat(acme.timeout()).isEqualTo(Duration.parse(expected));
        assertThat(acme.connectTimeout()).isEqualTo(Duration.parse(expectedConnect));
    }

    @Test
    void circuitTimesYieldToEachOther() {
        assertThat(bind("gantry.circuit.cooldown: 20m").circuit().maxCooldown())
                .isEqualTo(Duration.ofMinutes(20));
        assertThat(bind("gantry.circuit.max-cooldown: 5s").circuit().cooldown())
                .isEqualTo(Duration.ofSeconds(5));
        GantrySettings brief = bind("gantry.circuit.max-long-cooldown: 40s");
        assertThat(brief.circuit().rateLimitCooldown()).isEqualTo(Duration.ofSeconds(40));
        assertThat(brief.circuit().authCooldown()).isEqualTo(Duration.ofSeconds(40));
        assertThat(brief.circuit().billingCooldown()).isEqualTo(Duration.ofSeconds(40));
        assertThat(
                        bind("gantry.circuit: {billing-cooldown: 3h, auth-cooldown: 2h}")
                                .circuit()
                                .maxLongCooldown())
                .isEqualTo(Duration.ofHours(3));
    }

    @Test
    void theLargestRequestYieldsToWhatMayBeHeld() {
        assertThat(bind("gantry.worker.max-in-flight-size: 2MB").worker().maxRequestSize())
                .isEqualTo(DataSize.ofMegabytes(2));
    }

    @Test
    void variablesCountAsSet() {
        GantrySettings settings =
                SettingsBinder.bind(
                        Environments.with("", Map.of("GANTRY_CIRCUIT_MAXCOOLDOWN", "5s")));

        assertThat(settings.circuit().cooldown()).isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    gantry.circuit: {cooldown: 20m, max-cooldown: 5m} | gantry.circuit.max-cooldown
                    gantry.circuit: {auth-cooldown: 20m, max-long-cooldown: 5m} | gantry.circuit.auth-cooldown
                    gantry.worker: {max-request-size: 20MB, max-in-flight-size: 5MB} | gantry.worker.max-in-flight-size
                    gantry.providers.p: {tier: local, auth: none, timeout: 5s, connect-timeout: 7s, instances: {i: {base-url: "http://h/v1"}}, models: [{id: m}]} | gantry.providers.p.connect-timeout
                    gantry.circuit: {max-cooldown: soon} | gantry.circuit.max-cooldown
                    """)
    void whatTheUserSetTwiceAndContradictsIsRefused(String yaml, String key) {
        assertThatThrownBy(() -> bind(yaml))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageContaining(key);
    }

    private static String line(String key, @Nullable String value) {
        return value == null ? "" : key + ": " + value;
    }

    private static GantrySettings bind(String yaml) {
        return SettingsBinder.bind(Environments.of(yaml));
    }
}
