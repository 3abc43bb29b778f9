package dev.gantry.config.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.config.Environments;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.SettingsBinder;
import dev.gantry.discovery.ListedModel;
import dev.gantry.inference.Capability;
import dev.gantry.inference.ModelType;
import dev.gantry.metering.Quote;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Lanes of what instances list. */
class DiscoveredCatalogueTest {
    private static final String OLLAMA =
            """
            gantry:
              providers:
                ollama:
                  tier: local
                  auth: none
                  discover: true
                  discover-every: 5s
                  instances:
                    a: {base-url: "http://a:11434/v1"}
                    b: {base-url: "http://b:11434/v1", models: ["qwen*", llama3]}
                  models:
                    - {id: "llama3:8b", context-window: 8192, aliases: [small]}
                    - {id: llama3, capabilities: [tools], max-output-tokens: 100}
                    - {id: "*embed*", type: embedding}
                    - {id: "qwen*", weight: 5, price: {input: 0, output: 0}}
            """;

    @Test
    void thereAreNoLanesBeforeAnythingIsListed() {
        LaneCatalog first = catalog(OLLAMA);

        assertThat(first.lanes()).isEmpty();
        assertThat(first.discovering())
                .extracting(each -> each.endpoint().id() + " " + each.every())
                .containsExactly("ollama:a PT5S", "ollama:b PT5S");
        assertThat(StartNotices.of(settings(OLLAMA), first))
                .noneMatch(each -> each.contains("has no lanes"));
    }

    @Test
    void eachInstanceHasLanesForWhatItLists() {
        LaneCatalog listed =
                catalog(OLLAMA)
                        .listing(
                                Map.of(
                                        "ollama:a", list("llama3:latest", "mistral"),
                                        "ollama:b", list("llama3:latest", "mistral", "qwen3:32b")));

        assertThat(ids(listed))
                .containsExactly(
                        "local:ollama:a:inference:llama3:latest",
                        "local:ollama:a:inference:mistral",
                        "local:ollama:b:inference:llama3:latest",
                        "local:ollama:b:inference:qwen3:32b");
        assertThat(listed.lanes()).allMatch(Lane::discovered);
        assertThat(listed.members()).hasSize(4);
        assertThat(ids(listed.listing(Map.of("ollama:a", List.of()))))
                .as("what is listed no more, or by nobody")
                .isEmpty();
    }

    @Test
    void settingsComeFromTheEntryThatFitsBest() {
        LaneCatalog listed =
                listing(
                        OLLAMA,
                        "llama3:8b",
                        "llama3:70b",
                        "nomic-embed-text",
                        "qwen3:32b",
                        "other");

        Lane own = lane(listed, "llama3:8b");
        assertThat(own.contextWindow()).isEqualTo(8192);
        assertThat(own.capabilities()).isEmpty();
        assertThat(own.names()).contains("small");
        Lane byName = lane(listed, "llama3:70b");
        assertThat(byName.capabilities()).containsExactly(Capability.TOOLS);
        assertThat(byName.maxOutputTokens()).isEqualTo(100);
        Lane byGlob = lane(listed, "qwen3:32b");
        assertThat(byGlob.weight()).isEqualTo(110.0 * 100 * 100 * 5);
        assertThat(listed.prices().quote(byGlob.id())).map(Quote::source).contains("config");
        assertThat(lane(listed, "nomic-embed-text").id().type()).isEqualTo(ModelType.EMBEDDING);
        Lane plain = lane(listed, "other");
        assertThat(plain.weight()).isEqualTo(110.0 * 100 * 100 * 100);
        assertThat(plain.maxTokensField()).isEqualTo("max_tokens");
        assertThat(Stream.of(own, byName, byGlob, plain).map(Lane::modelRank))
                .as("the first entry's is the default model")
                .containsExactly(0, 1, 3, 4);
    }

    @Test
    void whatTheConfigurationLeavesOpenTheListSays() {
        LaneCatalog listed =
                catalog(OLLAMA)
                        .listing(
                                Map.of(
                                        "ollama:a",
                                        List.of(
                                                new ListedModel("llama3:8b", 1L, 2L),
                                                new ListedModel("other", 3L, 4L))));

        assertThat(lane(listed, "llama3:8b").contextWindow()).isEqualTo(8192);
        assertThat(lane(listed, "llama3:8b").maxOutputTokens()).isEqualTo(2);
        assertThat(lane(listed, "other").contextWindow()).isEqualTo(3);
    }

    @Test
    void andThenThePriceFile(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("prices.json"),
                        """
                        {"ollama/other": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                           "max_input_tokens": 4096, "max_output_tokens": 512, "mode": "chat",
                           "supports_function_calling": true, "supports_vision": true, "supports_reasoning": false},
                         "ollama/e": {"mode": "embedding", "input_cost_per_token": 0, "max_tokens": 77},
                         "ollama/broken": {"input_cost_per_token": "much"}}
                        """);
        LaneCatalog first = catalog(OLLAMA + "  pricing.catalog: \"" + file + "\"\n");
        Files.delete(file);

        LaneCatalog listed =
                first.listing(Map.of("ollama:a", list("other", "e", "broken", "unknown")));

        Lane other = lane(listed, "other");
        assertThat(other.contextWindow()).isEqualTo(4096);
        assertThat(other.maxOutputTokens()).isEqualTo(512);
        assertThat(other.capabilities()).isEqualTo(Set.of(Capability.TOOLS, Capability.VISION));
        assertThat(listed.prices().quote(other.id()))
                .as("as the file was when the worker took it")
                .map(Quote::source)
                .contains("catalog");
        assertThat(lane(listed, "e").id().type()).isEqualTo(ModelType.EMBEDDING);
        assertThat(lane(listed, "e").contextWindow()).isEqualTo(77);
        assertThat(listed.prices().quote(lane(listed, "broken").id()))
                .as("what a server lists stops nobody")
                .isEmpty();
    }

    @Test
    void aNameWithoutItsTagIsTheLatest() {
        LaneCatalog latest =
                listing(OLLAMA, "llama3:latest", "llama3:70b", "qwen3:8b", "qwen3:32b");

        assertThat(lane(latest, "llama3:latest").names()).contains("llama3");
        assertThat(lane(latest, "llama3:70b").names()).doesNotContain("llama3");
        assertThat(lane(latest, "qwen3:8b").names()).contains("qwen3");
        assertThat(lane(latest, "qwen3:32b").names()).contains("qwen3");
        LaneCatalog bare = listing(OLLAMA, "llama3", "llama3:70b", "host:80/org/m");
        assertThat(lane(bare, "llama3:70b").names()).doesNotContain("llama3");
        assertThat(lane(bare, "host:80/org/m").names()).containsExactly("host:80/org/m");
    }

    @Test
    void aClaudeOfWhichNothingIsKnownHasAnOutputLimit() {
        String claude =
                """
                gantry.providers.claude:
                  dialect: anthropic
                  tier: frontier
                  discover: true
                  instances: {main: {base-url: "https://h/v1", api-key: k}}
                """;

        LaneCatalog listed = catalog(claude).listing(Map.of("claude:main", list("claude-x")));

        assertThat(listed.lanes().getFirst().maxOutputTokens()).isEqualTo(4096);
    }

    @Test
    void aReloadKeepsWhatIsListed() {
        LaneCatalog listed = listing(OLLAMA, "llama3:8b", "qwen3:32b");

        LaneCatalog same = listed.next(settings(OLLAMA));
        LaneCatalog changed = listed.next(settings(OLLAMA.replace("weight: 5", "weight: 6")));

        assertThat(same).isEqualTo(listed);
        assertThat(ids(changed)).isEqualTo(ids(listed));
        assertThat(CatalogueChange.between(listed, changed).changed())
                .containsExactly(lane(listed, "qwen3:32b").id());
    }

    /** Or every server that is switched off would look like drift. */
    @Test
    void theHashIsOfTheConfigurationAlone() {
        LaneCatalog first = catalog(OLLAMA);

        assertThat(listing(OLLAMA, "llama3:8b", "qwen3:32b").hash()).isEqualTo(first.hash());
        assertThat(catalog(OLLAMA.replace("weight: 5", "weight: 6")).hash())
                .isNotEqualTo(first.hash());
    }

    @Test
    void whoAsksNobodyTakesNamedModelsAsListed() {
        assertThat(ids(LaneCatalog.assumingLists(settings(OLLAMA))))
                .containsExactly(
                        "local:ollama:a:inference:llama3:8b",
                        "local:ollama:a:inference:llama3",
                        "local:ollama:b:inference:llama3:8b",
                        "local:ollama:b:inference:llama3");
    }

    @Test
    void orWhatWorkersHaveRecorded() {
        LaneCatalog named = LaneCatalog.assumingLists(settings(OLLAMA));

        assertThat(ids(named.asRecorded(Map.of("ollama:a", List.of("qwen3:32b", "qwen3:32b")))))
                .containsExactly(
                        "local:ollama:a:inference:qwen3:32b",
                        "local:ollama:b:inference:llama3:8b",
                        "local:ollama:b:inference:llama3");
    }

    @Test
    void andKnowsOfWhom() {
        String configured = OLLAMA.replace("discover: true", "").replace("*", "x");

        assertThat(catalog(OLLAMA).discoveringProviders()).containsExactly("ollama");
        assertThat(catalog(configured).discoveringProviders()).isEmpty();
    }

    private static GantrySettings settings(String yaml) {
        return SettingsBinder.bind(Environments.of(yaml));
    }

    private static LaneCatalog catalog(String yaml) {
        return LaneCatalog.of(settings(yaml));
    }

    private static LaneCatalog listing(String yaml, String... models) {
        return catalog(yaml).listing(Map.of("ollama:a", list(models)));
    }

    private static Lane lane(LaneCatalog catalog, String model) {
        return catalog.lanes().stream()
                .filter(each -> each.id().model().equals(model))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> ids(LaneCatalog catalog) {
        return catalog.lanes().stream().map(each -> each.id().value()).toList();
    }

    private static List<ListedModel> list(String... models) {
        return Stream.of(models).map(ListedModel::of).toList();
    }
}
