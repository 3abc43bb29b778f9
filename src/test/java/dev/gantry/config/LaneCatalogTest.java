package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.metering.Price;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;

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
                    - {id: small, capabilities: [function_calling]}
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
                        "missing_credentials: openai:spare has no key, its lanes are excluded",
                        "gantry.audit.content is hash and gantry.audit.hash-key is empty:"
                                + " the audit keeps nothing of the content");
    }

    @Test
    void pricesOnlyWhatIsKnown() {
        LaneId large = new LaneId(Tier.FRONTIER, "openai", "main", ModelType.INFERENCE, "large");

        assertThat(catalog.prices())
                .containsOnlyKeys(large)
                .containsEntry(large, new Price(new BigDecimal("0.25"), null, null, null));
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

    @Test
    void saysWhatThisReleaseDoesNotDo() {
        GantrySettings later =
                SettingsBinder.bind(
                        Environments.of(
                                TWO_PROVIDERS
                                        + """
                                          # the rest of gantry
                                          audit.hash-key: h
                                          pricing.catalog: /prices.json
                                          routing: {order: cost}
                                          policies.p.chain: ["openai:large"]
                                        """));

        assertThat(StartNotices.of(later, catalog).stream().skip(1))
                .extracting(each -> each.split(" ", 2)[0])
                .containsExactly(
                        "gantry.policies", "gantry.routing.order", "gantry.pricing.catalog");
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
}
