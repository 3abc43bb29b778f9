package dev.gantry.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;

class PriceCatalogTest {
    private static final String FILE =
            """
            {"sample_spec": {"input_cost_per_token": "free text", "litellm_provider": "one of"},
             "gpt-5-mini": {"litellm_provider": "openai", "mode": "chat",
               "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06,
               "cache_read_input_token_cost": 2.5e-08, "off_peak_pricing": null,
               "regional_processing_uplift_multiplier_eu": 1.1,
               "input_cost_per_token_flex": 1.25e-07, "output_cost_per_token_flex": 1e-06,
               "input_cost_per_token_priority": 4.5e-07, "output_cost_per_token_priority": 3.6e-06,
               "cache_read_input_token_cost_priority": 4.5e-08,
               "input_cost_per_token_batches": 1.25e-07, "output_cost_per_token_batches": 1e-06,
               "search_context_cost_per_query": {"search_context_size_high": 0.01,
                 "search_context_size_low": 0.01, "search_context_size_medium": 0.01}},
             "azure/gpt-5-mini": {"litellm_provider": "azure",
               "input_cost_per_token": 3e-07, "output_cost_per_token": 2.2e-06},
             "claude-long": {"litellm_provider": "anthropic",
               "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
               "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
               "cache_creation_input_token_cost_above_1hr": 6e-06,
               "input_cost_per_token_above_200k_tokens": 6e-06,
               "output_cost_per_token_above_200k_tokens": 2.25e-05,
               "cache_read_input_token_cost_above_200k_tokens": 6e-07},
             "xai/grok": {"litellm_provider": "xai", "input_cost_per_token": 1e-06,
               "input_cost_per_token_above_128k_tokens": 2e-06, "output_cost_per_token": 5e-06},
             "dashscope/qwen-max": {"litellm_provider": "dashscope",
               "output_cost_per_token": 1.6e-06, "tiered_pricing": [
               {"range": [0, 32000], "input_cost_per_token": "1e-06", "output_cost_per_token": 4e-06,
                "output_cost_per_reasoning_token": 8e-06},
               {"range": [32000, 128000], "input_cost_per_token": 2e-06}]},
             "perplexity/sonar": {"litellm_provider": "perplexity", "input_cost_per_token": 1e-06,
               "output_cost_per_token": 1e-06, "input_cost_per_request": 0.005,
               "citation_cost_per_token": 2e-06, "search_context_cost_per_query": {
               "search_context_size_low": 0.005, "search_context_size_high": 0.012}},
             "gemini/voice": {"litellm_provider": "gemini", "input_cost_per_token": 1e-07,
               "input_cost_per_audio_token": 3e-07, "output_cost_per_token": 4e-07,
               "output_cost_per_reasoning_token": 5e-07},
             "deepseek/night": {"litellm_provider": "deepseek", "input_cost_per_token": 1e-07,
               "output_cost_per_token": 1e-07, "off_peak_pricing": {"discount": 0.5}},
             "vertex": {"litellm_provider": "vertex_ai-language-models",
               "input_cost_per_token": 1.3e-07, "output_cost_per_token": 0},
             "openai/odd": {"input_cost_per_token": -1e-07},
             "openai/image": {"output_cost_per_image": 0.04}}
            """;

    private final PriceCatalog catalog = PriceCatalog.of(FILE.getBytes(StandardCharsets.UTF_8));

    @Test
    void keepsEveryDigitOfTheFile() {
        Price price = price("openai", "gpt-5-mini");

        assertThat(price.list().of(TokenKind.INPUT_UNCACHED)).isEqualTo("0.25");
        assertThat(price.list().of(TokenKind.INPUT_CACHE_READ)).isEqualTo("0.025");
        assertThat(price.list().of(TokenKind.INPUT_CACHE_WRITE)).isNull();
        assertThat(price.list().of(TokenKind.OUTPUT_TEXT)).isEqualTo("2");
        assertThat(price("vertex-ai", "vertex").list().of(TokenKind.OUTPUT_TEXT))
                .isEqualByComparingTo("0");
    }

    @ParameterizedTest(name = "{0} {1} -> {2}")
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    openai,     gpt-5-mini, 0.25
                    azure,      gpt-5-mini, 0.3
                    vllm,       gpt-5-mini, -
                    anthropic,  claude-long, 3
                    openrouter, claude-long, -
                    vertex_ai,  vertex,     0.13
                    openai,     image,      -
                    openai,     unheard,    -
                    deepseek,   night,      -
                    """)
    void anotherProvidersModelOfTheSameNameIsAnotherProduct(
            String provider, String model, @Nullable String input) {
        assertThat(
                        catalog.price(List.of(provider), model, "")
                                .map(price -> price.list().of(TokenKind.INPUT_UNCACHED))
                                .map(BigDecimal::toPlainString)
                                .orElse(null))
                .isEqualTo(input);
    }

    @Test
    void theVendorGoesBeforeTheFamily() {
        assertThat(
                        catalog.price(List.of("azure", "openai"), "gpt-5-mini", "")
                                .orElseThrow()
                                .list()
                                .of(TokenKind.INPUT_UNCACHED))
                .isEqualTo("0.3");
    }

    @Test
    void processingInOneRegionOnlyMayCostMore() {
        Price price = catalog.price(List.of("openai"), "gpt-5-mini", "eu").orElseThrow();

        assertThat(price.list().of(TokenKind.INPUT_UNCACHED)).isEqualTo("0.275");
        assertThat(price.tariff("flex").orElseThrow().at(1).of(TokenKind.OUTPUT_TEXT))
                .isEqualByComparingTo("1.1");
    }

    @Test
    void aLongInputIsPricedByItsStepAsAWhole() {
        Tariff tariff = price("anthropic", "claude-long").listTariff();

        assertThat(tariff.at(200_000).of(TokenKind.INPUT_UNCACHED)).isEqualTo("3");
        assertThat(tariff.at(200_001).of(TokenKind.INPUT_UNCACHED)).isEqualTo("6");
        assertThat(tariff.at(200_001).of(TokenKind.OUTPUT_REASONING)).isEqualTo("22.5");
        assertThat(tariff.at(1).of(TokenKind.INPUT_CACHE_WRITE_1H)).isEqualTo("6");
        assertThat(tariff.at(200_001).of(TokenKind.INPUT_CACHE_WRITE))
                .as("the short input's price is not the long one's")
                .isNull();
    }

    @Test
    void stepsOfXaiBeginWithTheirThreshold() {
        Tariff tariff = price("xai", "grok").listTariff();

        assertThat(tariff.at(127_999).of(TokenKind.INPUT_UNCACHED)).isEqualTo("1");
        assertThat(tariff.at(128_000).of(TokenKind.INPUT_UNCACHED)).isEqualTo("2");
        assertThat(tariff.at(128_000).of(TokenKind.OUTPUT_TEXT)).isEqualTo("5");
    }

    @Test
    void readsStepsWrittenAsAList() {
        Tariff tariff = price("dashscope", "qwen-max").listTariff();

        assertThat(tariff.at(32_000).of(TokenKind.OUTPUT_REASONING)).isEqualTo("8");
        assertThat(tariff.at(32_001).of(TokenKind.INPUT_UNCACHED)).isEqualTo("2");
        assertThat(tariff.at(32_001).of(TokenKind.OUTPUT_TEXT)).isEqualTo("4");
    }

    @Test
    void knowsServiceTiersAndWhatTheyLack() {
        Price price = price("openai", "gpt-5-mini");

        assertThat(price.tariffs()).containsOnlyKeys("list", "flex", "priority", "batch");
        assertThat(price.tariff("priority").orElseThrow().at(5).of(TokenKind.INPUT_CACHE_READ))
                .isEqualTo("0.045");
        assertThat(price.tariff("flex").orElseThrow().at(5).of(TokenKind.INPUT_CACHE_READ))
                .isNull();
    }

    @Test
    void pricesWhatIsCountedOneByOne() {
        Price sonar = price("perplexity", "sonar");

        assertThat(price("openai", "gpt-5-mini").units()).containsEntry("web_search", dec("0.01"));
        assertThat(sonar.units())
                .as("which context a search had is not said, so its price is not known")
                .containsOnlyKeys("citation_tokens");
        assertThat(sonar.perRequest()).isEqualTo("0.005");
        assertThat(price("gemini", "voice").list().of(TokenKind.INPUT_AUDIO)).isEqualTo("0.3");
        assertThat(price("gemini", "voice").list().of(TokenKind.OUTPUT_REASONING)).isEqualTo("0.5");
    }

    @Test
    void theVersionIsAHashOfTheContent() {
        assertThat(catalog.version()).matches("sha256:[0-9a-f]{12}");
        assertThat(PriceCatalog.of((FILE + " ").getBytes(StandardCharsets.UTF_8)).version())
                .isNotEqualTo(catalog.version());
    }

    @Test
    void namesTheEntryThatCannotBeUnderstood() {
        assertThatThrownBy(() -> catalog.price(List.of("openai"), "odd", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("model openai/odd: input_cost_per_token: -1E-7 is not a price");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{} {}", "not json", "null"})
    void refusesWhatIsNoPriceFile(String file) {
        assertThatThrownBy(() -> PriceCatalog.of(file.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e-999999999", "\"1e-7x\"", "{}", "[1]", "true", "101"})
    void refusesWhatIsNoPrice(String value) {
        String file = "{\"p/m\": {\"input_cost_per_token\": " + value + "}}";

        assertThatThrownBy(
                        () ->
                                PriceCatalog.of(file.getBytes(StandardCharsets.UTF_8))
                                        .price(List.of("p"), "m", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input_cost_per_token");
    }

    private Price price(String provider, String model) {
        return catalog.price(List.of(provider), model, "").orElseThrow();
    }

    private static BigDecimal dec(String text) {
        return new BigDecimal(text);
    }
}
