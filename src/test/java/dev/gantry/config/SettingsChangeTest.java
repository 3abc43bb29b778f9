package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which keys a new configuration changes, and which of them wait for a restart. */
class SettingsChangeTest {
    private static final String BASE =
            """
            gantry:
              providers:
                sim:
                  tier: cloud
                  instances: {main: {base-url: "http://one:1/v1", api-key: sk-1}}
                  models: [{id: large}, {id: small}]
            """;

    private final GantrySettings base = settings("");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    routing.max-attempts: 7                    | gantry.routing.max-attempts
                    routing.tier-weights.local: 7              | gantry.routing.tier-weights.local
                    routing.denied-models: [x]                 | gantry.routing.denied-models[0]
                    providers.sim.instances.main.api-key: sk-2 | gantry.providers.sim.instances.main.api-key
                    providers.sim.models[1].id: tiny           | gantry.providers.sim.models[1].id
                    providers.sim.models[2].id: tiny           | gantry.providers.sim.models[2]
                    policies.p: {chain: ["sim:large"]}         | gantry.policies.p
                    pricing.catalog: /prices.json              | gantry.pricing.catalog
                    """)
    void whatMayChangeWhileTheWorkerRuns(String line, String key) {
        SettingsChange change = SettingsChange.of(base, base, settings(line));

        assertThat(change.taken()).containsExactly(key);
        assertThat(change.needRestart()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    worker.group: other            | gantry.worker.group
                    worker.max-in-flight: 7        | gantry.worker.max-in-flight
                    topics.results: other          | gantry.topics.results
                    database.schema: other         | gantry.database.schema
                    circuit.cooldown: 7s           | gantry.circuit.cooldown
                    audit.hash-key: very-secret-1  | gantry.audit.hash-key
                    operator.token: very-secret-2  | gantry.operator.token
                    spool.max-bytes: 7GB           | gantry.spool.max-bytes
                    deployment: other              | gantry.deployment
                    """)
    void whatNeedsARestart(String line, String key) {
        SettingsChange change = SettingsChange.of(base, base, settings(line));

        assertThat(change.taken()).isEmpty();
        assertThat(change.needRestart()).containsExactly(key);
    }

    @Test
    void whatWaitsForARestartIsSaidUntilItIsUndone() {
        GantrySettings first = settings("worker.group: other");
        GantrySettings second = settings("worker.group: other\n  routing.escalate: false");

        assertThat(SettingsChange.of(base, first, second).needRestart())
                .containsExactly("gantry.worker.group");
        assertThat(SettingsChange.of(base, first, second).taken())
                .containsExactly("gantry.routing.escalate");
        assertThat(SettingsChange.of(base, second, base).needRestart()).isEmpty();
    }

    private static GantrySettings settings(String line) {
        return SettingsBinder.bind(Environments.of(BASE + "  " + line + "\n"));
    }
}
