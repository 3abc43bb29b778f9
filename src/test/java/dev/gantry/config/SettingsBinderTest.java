package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Tier;
import dev.gantry.routing.RoutingSettings;

import org.junit.jupiter.api.Test;
import org.springframework.core.env.StandardEnvironment;

import java.util.Map;

class SettingsBinderTest {
    private static final String ONE_PROVIDER =
            """
            gantry.providers.openai:
              tier: frontier
              instances.main:
                base-url: https://api.openai.com/v1
                api-key: sk-live-1234567890
                headers: {x-org: header-secret}
              models:
                - id: gpt-5-mini
                  aliases: [small]
            """;

    @Test
    void bindsTheShippedFileToTheDefaults() {
        GantrySettings settings = SettingsBinder.bind(Environments.shipped());

        assertThat(settings).isEqualTo(ShippedSettings.settings());
        assertThat(settings.routing()).isEqualTo(RoutingSettings.DEFAULT);
    }

    @Test
    void bindsWithoutAnyFileToTheSame() {
        assertThat(SettingsBinder.bind(Environments.of(""))).isEqualTo(ShippedSettings.settings());
    }

    @Test
    void readsEveryPartOfAProvider() {
        GantrySettings settings = SettingsBinder.bind(Environments.of(FULL));

        ProviderSettings provider = settings.providers().get("my_open-ai");
        assertThat(provider).isNotNull();
        ProviderSettings.Instance main = provider.instances().get("main");
        assertThat(main).isNotNull();
        assertThat(main.headers()).containsOnlyKeys("X-Org_Id", "x-b");
        assertThat(main.apiKey().value()).isEqualTo("k");
        assertThat(provider.propagateTrace()).isTrue();
        ProviderSettings.Model model = provider.models().getFirst();
        assertThat(model.id()).isEqualTo("org/gpt:5-mini");
        assertThat(model.capabilities()).containsExactly("streaming", "tools");
        assertThat(Amount.of(model.price().input())).isEqualByComparingTo("0.25");
        assertThat(Amount.of(model.price().cachedInput())).isEqualByComparingTo("0.000000025");
        assertThat(settings.routing().tierWeights())
                .containsEntry(Tier.LOCAL, 7)
                .containsEntry(Tier.FRONTIER, 150);
        PolicySettings policy = settings.policies().get("cheap-first");
        assertThat(policy).isNotNull();
        assertThat(policy.chain().getFirst().model()).isEqualTo("org/gpt:5-mini");
        assertThat(policy.chain().getLast().timeoutMs()).isEqualTo(20000);
        assertThat(policy.failover().onErrorKinds()).containsExactly("timeout", "overloaded");
    }

    @Test
    void aRuleThatIsNotWrittenDiffersFromAnEmptyOne() {
        Map<String, PolicySettings> policies =
                SettingsBinder.bind(
                                Environments.of(
                                        """
                                        gantry:
                                          providers:
                                            p:
                                              tier: local
                                              instances: {i: {base-url: "http://h/v1"}}
                                              models: [{id: m}]
                                          policies:
                                            absent: {chain: [" p : m "]}
                                            empty: {chain: ["p:m"], failover: {on-status: [], on-error-kinds: []}}
                                            statuses: {chain: ["p:m"], failover: {on-status: [429]}}
                                        """))
                        .policies();

        assertThat(rules(policies, "absent")).isEqualTo(FailoverRules.DEFAULT);
        assertThat(rules(policies, "empty").onStatus()).isEmpty();
        assertThat(rules(policies, "empty").onErrorKinds()).isEmpty();
        assertThat(rules(policies, "statuses").onStatus()).containsExactly(429);
        assertThat(rules(policies, "statuses").onErrorKinds())
                .isEqualTo(FailoverRules.DEFAULT.onErrorKinds());
        assertThat(policy(policies, "absent").chain().getFirst().label()).isEqualTo("p:m");
    }

    private static FailoverRules rules(Map<String, PolicySettings> policies, String name) {
        return policy(policies, name).failover();
    }

    private static RoutingPolicy policy(Map<String, PolicySettings> policies, String name) {
        PolicySettings settings = policies.get(name);
        assertThat(settings).isNotNull();
        return settings.policy(name);
    }

    @Test
    void takesAKeyWithoutAValueAsAbsent() {
        GantrySettings settings =
                SettingsBinder.bind(
                        Environments.of(
                                """
                                gantry:
                                  worker:
                                    max-in-flight:
                                    max-in-flight-size:
                                  providers:
                                  policies: {}
                                  circuit:
                                  routing:
                                    default-model:
                                    fallback-models: []
                                    tier-weights:
                                """));

        assertThat(settings).isEqualTo(ShippedSettings.settings());
    }

    @Test
    void takesTheCommandLineBeforeTheFile() {
        StandardEnvironment environment =
                Environments.withArgument(
                        "gantry.worker.group: file", "gantry.worker.group", "line");

        assertThat(SettingsBinder.bind(environment).worker().group()).isEqualTo("line");
    }

    @Test
    void bindsVariablesOfEitherSpelling() {
        StandardEnvironment environment =
                Environments.with(
                        ONE_PROVIDER,
                        Map.of(
                                "GANTRY_WORKER_MAXINFLIGHT", "7",
                                "GANTRY_WORKER_LANE_SHARE", "0.25",
                                "GANTRY_AUDIT_HASH_KEY", "h",
                                "GANTRY_PROVIDERS_OPENAI_INSTANCES_MAIN_API_KEY", "from-env",
                                "GANTRY_PROVIDERS_LOCAL_TIER", "local",
                                "GANTRY_PROVIDERS_LOCAL_INSTANCES_A_BASE_URL", "http://a:1/v1",
                                "GANTRY_PROVIDERS_LOCAL_MODELS_0_ID", "m"));

        GantrySettings settings = SettingsBinder.bind(environment);

        assertThat(settings.worker().maxInFlight()).isEqualTo(7);
        assertThat(settings.worker().laneShare()).isEqualTo(0.25);
        assertThat(settings.audit().hashKey().value()).isEqualTo("h");
        assertThat(settings.providers()).containsOnlyKeys("local", "openai");
        assertThat(LaneCatalog.of(settings).endpoints().getLast().apiKey()).isEqualTo("from-env");
        assertThat(Variables.judge(environment, settings, new Mistakes())).isEmpty();
    }

    @Test
    void passesOverTheVariablesThatKubernetesInjects() {
        StandardEnvironment environment =
                Environments.with(
                        ONE_PROVIDER.replace("openai:", "open-ai:"),
                        Map.of(
                                "GANTRY_SERVICE_HOST", "10.0.0.1",
                                "GANTRY_PORT", "tcp://10.0.0.1:80",
                                "GANTRY_WORKER_PORT", "tcp://10.0.0.1:80",
                                "GANTRY_PROVIDERS_SERVICE_HOST", "10.0.0.2",
                                "GANTRY_PROVIDERS_OPEN_AI_WEIGHT", "3",
                                "GANTRY_PROVIDERS_OTHER_ONE_WEIGHT", "3",
                                "OTHER", "x"));

        GantrySettings settings = SettingsBinder.bind(environment);

        assertThat(settings.providers()).containsOnlyKeys("open-ai");
        assertThat(settings.providers().values()).extracting("weight").containsExactly(3);
        assertThat(Variables.judge(environment, settings, new Mistakes()))
                .containsExactly("GANTRY_PROVIDERS_OTHER_ONE_WEIGHT");
    }

    /** Legion met an old key at every request; here it is met once, before the first. */
    @Test
    void lesson29RefusesAnUnknownKeyAtTheStartNeverARequest() {
        assertThatThrownBy(
                        () ->
                                SettingsBinder.bind(
                                        Environments.withArgument(
                                                "", "gantry.worker.max-inflihgt", "5")))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessage(
                        "gantry.worker.max-inflihgt: there is no such key, did you mean max-in-flight?");
    }

    @Test
    void listsAllMistakesAtOnce() {
        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () ->
                                SettingsBinder.bind(
                                        Environments.of(
                                                """
                                                gantry:
                                                  colour: blue
                                                  worker.max-in-flight: many
                                                  worker.lane-share: 3
                                                  topics.partitions: 0
                                                  routing.order: random
                                                """)));

        assertThat(error.mistakes()).hasSize(5);
        assertThat(error).hasNoCause();
    }

    @Test
    void showsNoSecretInAnyText() {
        GantrySettings settings =
                SettingsBinder.bind(
                        Environments.of(
                                ONE_PROVIDER
                                        + """
                                        gantry.audit.hash-key: hash-secret
                                        gantry.operator.token: token-secret
                                        gantry.database.listen-url: jdbc:postgresql://h/d?password=listen-secret
                                        """));

        assertThat(settings.toString()).doesNotContain("sk-live", "-secret");
        assertThat(settings.database().listenUrl()).contains("listen-secret");
        assertThat(LaneCatalog.of(settings).toString()).doesNotContain("sk-live");
    }

    private static final String FULL =
            """
            spring.ssl.bundle.jks.b.protocol: TLSv1.3
            gantry:
              providers:
                my_open-ai:
                  dialect: openai
                  vendor: dashscope
                  tier: Cloud
                  weight: 50
                  timeout: 1m
                  connect-timeout: 3s
                  auth: "header:x-key"
                  quota-scope: account
                  discover: false
                  discover-every: 10s
                  propagate-trace: true
                  ssl-bundle: b
                  proxy: http://proxy:3128
                  instances:
                    main:
                      base-url: https://h/v1/
                      api-key: k
                      account: a
                      weight: 2
                      headers: {X-Org_Id: o, x-b: c}
                      models: ["org/gpt:5-mini"]
                  models:
                    - id: "org/gpt:5-mini"
                      aliases: [small, "s:1"]
                      type: inference
                      context-window: 400000
                      max-output-tokens: 128000
                      max-tokens-field: max_completion_tokens
                      unsupported-params: [temperature]
                      capabilities: [streaming, tools]
                      weight: 10
                      quality: mid
                      price:
                        input: 0.25
                        cached-input: 0.000000025
                        cache-write: 1
                        output: "2.00"
              routing:
                tier-weights: {local: 7}
                default-provider: my_open-ai
                default-model: s:1
                fallback-models: small
                roles:
                  - {match: "system:*", tier: local}
                priorities: {low: local}
              policies:
                cheap-first:
                  label: cheap first
                  chain:
                    - "my_open-ai:org/gpt:5-mini"
                    - {provider: my_open-ai, model: small, instance: main, timeout-ms: 20000, label: mini}
                  failover: {on-status: [429, 500], on-error-kinds: "timeout, overloaded", on-timeout-ms: 30000, max-attempts: 3, advance-on-permanent: false, retries: 1}
                  latency: {race-after-ms: 2000, target-p95-ms: 5000}
                  budget: {per-call-usd: 0.05, session-usd: 2.00, on-exceed: skip}
                  observe: {emit-event: llm.routing}
            """;
}
