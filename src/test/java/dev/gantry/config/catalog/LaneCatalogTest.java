package dev.gantry.config.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.gantry.config.Environments;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.SettingsBinder;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.limit.ConfiguredLimits;
import dev.gantry.limit.LimitScope;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.Quote;
import dev.gantry.metering.TokenKind;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class LaneCatalogTest {
    private static final String TWO_PROVIDERS =
            """
            gantry:
              providers:
                openai:
                  tier: frontier
                  weight: 50
                  instances:
                    main: {base-url: "https://api.openai.com/v1/", api-key: k, weight: 20}
                    spare: {base-url: "https://api.openai.com/v1", models: [small]}
                  models:
                    - {id: large, weight: 10, price: {input: 0.25}}
                    - {id: small, capabilities: [tools]}
                vllm:
                  tier: local
                  auth: none
                  instances:
                    a: {base-url: "http://a:8000/v1"}
                  models:
                    - {id: "org/m:7b", type: embedding}
            """;

    private final GantrySettings settings = SettingsBinder.bind(Environments.of(TWO_PROVIDERS));
    private final LaneCatalog catalog = LaneCatalog.of(settings);

    @Test
    void makesALanePerInstanceAndModel() {
        assertThat(catalog.lanes())
                .extracting(each -> each.id().value())
                .containsExactly(
                        "frontier:openai:main:inference:large",
                        "frontier:openai:main:inference:small",
                        "frontier:openai:spare:inference:small",
                        "local:vllm:a:embedding:org/m:7b");
    }

    @Test
    void multipliesTheWeights() {
        Lane large = catalog.lanes().getFirst();

        assertThat(large.weight()).isEqualTo(150.0 * 50 * 20 * 10);
        assertThat(catalog.lanes()).extracting(Lane::modelRank).containsExactly(0, 1, 1, 0);
    }

    @Test
    void knowsWhichLanesHaveCredentials() {
        assertThat(catalog.lanes())
                .extracting(Lane::credentials)
                .containsExactly(true, true, false, true);
        assertThat(StartNotices.of(settings, catalog))
                .containsExactly(
                        "lane frontier:openai:main:inference:small has no price: what its calls"
                                + " cost is unknown; say 0 if nothing",
                        "lane local:vllm:a:embedding:org/m:7b has no price: what its calls cost is"
                                + " unknown; say 0 if nothing",
                        "missing_credentials: openai:spare has no key, its lanes are excluded");
    }

    @Test
    void missesNoPriceOfWhatIsBilledNowhere() {
        GantrySettings judging =
                SettingsBinder.bind(
                        Environments.of(
                                TWO_PROVIDERS.replace("type: embedding", "type: moderation")));

        assertThat(StartNotices.of(judging, LaneCatalog.of(judging)))
                .hasSize(2)
                .noneMatch(each -> each.contains("org/m:7b"));
    }

    @Test
    void pricesOnlyWhatIsKnown() {
        LaneId large = new LaneId(Tier.FRONTIER, "openai", "main", ModelType.INFERENCE, "large");

        assertThat(catalog.prices().quotes())
                .containsOnlyKeys(large)
                .containsEntry(
                        large,
                        new Quote(
                                Price.of(new BigDecimal("0.25"), null, null, null),
                                "config",
                                catalog.hash()));
    }

    @Test
    void theFilePricesLanesThatHaveNoPriceOfTheirOwn(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("prices.json"),
                        """
                        {"openai/large": {"input_cost_per_token": 9e-06},
                         "small": {"litellm_provider": "openai", "input_cost_per_token": 1e-07,
                           "regional_processing_uplift_multiplier_eu": 2},
                         "org/m:7b": {"litellm_provider": "openai", "input_cost_per_token": 1}}
                        """);

        PriceList prices = LaneCatalog.of(withPrices(file)).prices();

        assertThat(prices.quotes().entrySet())
                .extracting(
                        each -> each.getKey().instance() + ":" + each.getKey().model(),
                        each -> each.getValue().source(),
                        each -> each.getValue().price().list().of(TokenKind.INPUT_UNCACHED))
                .containsExactlyInAnyOrder(
                        tuple("main:large", "config", new BigDecimal("0.25")),
                        tuple("main:small", "catalog", new BigDecimal("0.1")),
                        tuple("spare:small", "catalog", new BigDecimal("0.1")));
        assertThat(LaneCatalog.of(withPrices(file)).hash()).isNotEqualTo(catalog.hash());
    }

    @Test
    void aPriceFileThatCannotBeUsedStopsTheStart(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken.json"), "{\"a\": ");
        Path odd =
                Files.writeString(
                        folder.resolve("odd.json"),
                        "{\"openai/small\": {\"input_cost_per_token\": \"much\"}}");

        assertThatThrownBy(() -> LaneCatalog.of(withPrices(folder.resolve("absent.json"))))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessage("gantry.pricing.catalog: %s/absent.json: no such file", folder);
        assertThatThrownBy(() -> LaneCatalog.of(withPrices(folder)))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessage("gantry.pricing.catalog: %s: cannot be read, IOException", folder);
        assertThatThrownBy(() -> LaneCatalog.of(withPrices(broken)))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessageStartingWith("gantry.pricing.catalog: %s: not JSON at line 1", broken);
        Path password = Files.writeString(folder.resolve("password"), "hunter2isSecret");
        assertThatThrownBy(() -> LaneCatalog.of(withPrices(password)))
                .hasMessageContaining("%s: not JSON at line 1", password)
                .hasMessageNotContaining("hunter")
                .hasNoCause();
        assertThatThrownBy(() -> LaneCatalog.of(withPrices(odd)))
                .isInstanceOf(WrongSettingsException.class)
                .hasMessage(
                        "gantry.pricing.catalog: %s: model openai/small: input_cost_per_token:"
                                + " \"much\" is not a price",
                        odd);
    }

    @Test
    void fillsInWhatTheTierAndTheFamilyImply() {
        Endpoint openai = catalog.endpoints().getFirst();
        Endpoint vllm = catalog.endpoints().getLast();

        assertThat(openai.baseUrl()).hasToString("https://api.openai.com/v1");
        assertThat(openai.vendor()).isEqualTo("openai");
        assertThat(openai.propagateTrace()).isFalse();
        assertThat(vllm.propagateTrace()).isTrue();
        assertThat(vllm.auth()).isEqualTo(new Endpoint.Auth.None());
        assertThat(vllm.apiKey()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"anthropic, x-api-key", "gemini, x-goog-api-key"})
    void fillsInWhatTheDialectImplies(String dialect, String header) {
        Endpoint endpoint =
                LaneCatalog.of(
                                SettingsBinder.bind(
                                        Environments.of(
                                                """
                                                gantry.providers.mine:
                                                  dialect: %s
                                                  tier: cloud
                                                  instances: {a: {base-url: "http://a/v1", api-key: k}}
                                                  models: [{id: m, max-output-tokens: 9}]
                                                """
                                                        .formatted(dialect))))
                        .endpoints()
                        .getFirst();

        assertThat(endpoint.dialect().label()).isEqualTo(dialect);
        assertThat(endpoint.vendor()).isEqualTo(dialect);
        assertThat(endpoint.auth()).isEqualTo(new Endpoint.Auth.Header(header));
    }

    @Test
    void looksIntoKeyFiles(@TempDir Path folder) throws IOException {
        Path full = Files.writeString(folder.resolve("full"), "key\n");
        Path empty = Files.writeString(folder.resolve("empty"), "\n");

        assertThat(withKeyFile(full)).containsExactly(true);
        assertThat(withKeyFile(empty)).containsExactly(false);
        assertThat(withKeyFile(folder.resolve("absent"))).containsExactly(false);
    }

    @Test
    void hashesTheCatalogueButNoSecret() {
        assertThat(catalog.hash())
                .hasSize(12)
                .isEqualTo(hash(TWO_PROVIDERS))
                .isEqualTo(hash(TWO_PROVIDERS.replace("api-key: k", "api-key: other")))
                .isEqualTo(hash(TWO_PROVIDERS.replace("input: 0.25", "input: \"0.250\"")))
                .isNotEqualTo(hash(TWO_PROVIDERS.replace("input: 0.25", "input: 0.26")))
                .isNotEqualTo(hash(TWO_PROVIDERS.replace("http://a:8000", "http://b:8000")))
                .isNotEqualTo(hash(TWO_PROVIDERS + "  routing.max-attempts: 4\n"));
    }

    /** Of the first release: workers of two releases run side by side and compare their hashes. */
    @Test
    void hashesAsEarlierReleasesDo() {
        String routing =
                """
                  routing:
                    tier-weights: {local: 7}
                    default-model: small
                    fallback-models: [large]
                    denied-models: [x]
                    roles: [{match: "a*", tier: local}]
                    priorities: {low: local, high: frontier}
                """;

        assertThat(hash(TWO_PROVIDERS)).isEqualTo("74104d69906f");
        assertThat(hash(TWO_PROVIDERS + routing)).isEqualTo("ab0e0d3f7912");
        assertThat(hash(DISCOVERING)).isEqualTo("8d74ad6d9029");
    }

    private static final String DISCOVERING =
            """
            gantry:
              providers:
                rack:
                  tier: local
                  auth: none
                  discover: true
                  instances:
                    a: {base-url: "http://a:8000/v1"}
                  models:
                    - {id: "qwen*", aliases: [small], context-window: 32768}
            """;

    @Test
    void limitsInstancesAndEachLaneOfAModel() {
        String limited =
                """
                gantry:
                  providers:
                    acme:
                      tier: cloud
                      auth: none
                      instances:
                        a: {base-url: "http://a:8000/v1", limits: {requests-per-minute: 600, max-concurrent: 20}}
                        b: {base-url: "http://b:8000/v1"}
                      models:
                        - {id: m, limits: {tokens-per-minute: 90000}}
                        - {id: free}
                """;

        assertThat(LaneCatalog.of(SettingsBinder.bind(Environments.of(limited))).limits())
                .isEqualTo(
                        Map.of(
                                new LimitScope("acme:a"),
                                new ConfiguredLimits(600L, null, 20),
                                new LimitScope("acme:a:inference:m"),
                                new ConfiguredLimits(null, 90_000L, null),
                                new LimitScope("acme:b:inference:m"),
                                new ConfiguredLimits(null, 90_000L, null)));
        assertThat(hash(limited)).isNotEqualTo(hash(limited.replace("600", "601")));
        assertThat(hash(limited)).isNotEqualTo(hash(limited.replace("90000", "90001")));
        assertThat(hash(DISCOVERING))
                .isNotEqualTo(
                        hash(DISCOVERING.replace("32768}", "32768, limits: {max-concurrent: 2}}")));
    }

    @Test
    void saysWhereMemoryMayRunOut() {
        List<String> notices = new ArrayList<>();
        long budget = settings.worker().maxInFlightBytes();
        long largest = settings.worker().maxResponseSize().toBytes();
        long enough = (budget + budget / 8 + 4 * largest) * 4 / 3 + 1;

        StartNotices.memory(settings, enough, notices);
        assertThat(notices).isEmpty();
        StartNotices.memory(settings, enough - 2, notices);
        assertThat(notices)
                .singleElement(STRING)
                .contains("max-in-flight-size", "max-response-size", "heap", "memory may run out");
    }

    private static GantrySettings withPrices(Path file) {
        return SettingsBinder.bind(
                Environments.of(TWO_PROVIDERS + "  pricing.catalog: \"" + file + "\"\n"));
    }

    private static String hash(String yaml) {
        return LaneCatalog.of(SettingsBinder.bind(Environments.of(yaml))).hash();
    }

    private static Iterable<Boolean> withKeyFile(Path file) {
        String yaml =
                """
                gantry.providers.p:
                  tier: cloud
                  instances.i: {base-url: "http://h/v1", api-key-file: "%s"}
                  models: [{id: m}]
                """
                        .formatted(file);
        return LaneCatalog.of(SettingsBinder.bind(Environments.of(yaml))).lanes().stream()
                .map(Lane::credentials)
                .toList();
    }

    @Test
    void theNextOneKeepsTheCredentialsOfAnEndpointWhoseKeyFileIsMissingForAMoment(
            @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "sk-1");
        GantrySettings settings = keyInFile("http://h/v1", file);
        LaneCatalog first = LaneCatalog.of(settings);
        Files.delete(file);

        LaneCatalog second = first.next(settings);
        LaneCatalog third = second.next(settings);

        assertThat(first.lanes().getFirst().credentials()).isTrue();
        assertThat(second).isEqualTo(first);
        assertThat(third).isEqualTo(first);
        assertThat(LaneCatalog.of(settings).lanes().getFirst().credentials()).isFalse();
        LaneCatalog elsewhere = first.next(keyInFile("http://other/v1", file));
        assertThat(elsewhere.lanes().getFirst().credentials())
                .as("nobody there has read a key yet")
                .isFalse();
    }

    private static GantrySettings keyInFile(String url, Path file) {
        return SettingsBinder.bind(
                Environments.of(
                        """
                        gantry:
                          providers:
                            p:
                              tier: cloud
                              instances.i: {base-url: "%s", api-key-file: "%s"}
                              models: [{id: m}]
                        """
                                .formatted(url, file)));
    }
}
