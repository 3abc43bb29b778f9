package dev.gantry.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a price file makes of an attempt's parts, tiers and steps. */
class FilePricedReadingTest {
    private static final InferenceRequest REQUEST = MeteringSamples.request();

    @Test
    void aFilePricesPartsTiersAndSearches() {
        Map<String, Long> counters =
                Map.of(
                        "cache_write_1h_input_tokens", 30L,
                        "audio_output_tokens", 4L,
                        "web_search", 2L);
        Usage usage = new Usage(160L, 100L, 50L, 10L, 3L, counters, null);

        Bill standard = filed(usage, null).bill();
        Bill flex = filed(usage, "flex").bill();

        assertThat(MeteringSamples.lines(filed(usage, null)))
                .containsExactly(
                        "input_uncached 10 0.00001",
                        "input_cache_read 100 0.00001",
                        "input_cache_write 20 0.000025",
                        "input_cache_write_1h 30 0.00006",
                        "output_text 3 0.000015",
                        "output_reasoning 3 0.000015",
                        "output_audio 4 0.00004",
                        "web_search 2 0.02",
                        "request 1 0.001");
        assertThat(Money.textIfKnown(standard.cost().amount())).isEqualTo("0.021175");
        assertThat(flex.missing()).isEqualTo("input_cache_read");
        assertThat(flex.cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(filed(usage, "scale").bill().missing()).isEqualTo("service_tier:scale");
    }

    @Test
    void aLongInputIsPricedByItsStepAndTheBoundKnowsIt() {
        Usage usage = MeteringSamples.usage(200_001L, null, null, 1L);
        MeterReading cut =
                MeterReading.of(
                        REQUEST,
                        MeteringSamples.failed(
                                1,
                                MeteringSamples.LANE,
                                MeteringSamples.answer(200, "{}", usage),
                                ErrorKind.NETWORK),
                        filePrices());

        assertThat(MeteringSamples.lines(filed(usage, null)))
                .containsExactly(
                        "input_uncached 200001 0.400002",
                        "output_text 1 0.000005",
                        "request 1 0.001");
        assertThat(cut.bill().cost().state()).isEqualTo(Cost.State.ESTIMATED);
        assertThat(MeteringSamples.bound(cut))
                .as("200,001 at the dearest input rate, 800 at the dearest output rate, one fee")
                .isEqualTo("0.409002");
    }

    @Test
    void thePriceOfAPartThatTheFileLacksIsNotThatOfTheWhole() {
        Usage spoken =
                new Usage(100L, null, null, 10L, null, Map.of("audio_input_tokens", 4L), null);

        MeterReading reading = filed(spoken, null);

        assertThat(MeteringSamples.lines(reading))
                .contains("input_uncached 96 0.000096", "input_audio 4 null");
        assertThat(reading.bill().missing()).isEqualTo("counter:audio_input_tokens");
        assertThat(reading.bill().cost().amount()).isNull();
    }

    @Test
    void aSearchThatIsAskedForHasNoUpperBound() {
        RequestBody plain = MeteringSamples.body("[]", null);
        RequestBody.Member search = new RequestBody.Member("web_search_options", 0, 1, 2);
        RequestBody searching =
                new RequestBody(
                        plain.bytes(), plain.start(), plain.end(), List.of(search), plain.facts());

        RequestBody.Facts facts = plain.facts();
        RequestBody browsing =
                new RequestBody(
                        plain.bytes(),
                        plain.start(),
                        plain.end(),
                        List.of(),
                        new RequestBody.Facts(
                                facts.model(),
                                facts.needs(),
                                facts.estimatedInputTokens(),
                                facts.longestInputTokens(),
                                false,
                                facts.requestedOutputTokens(),
                                null,
                                1,
                                null,
                                Set.of("input_text", "web_search_preview")));

        assertThat(bound(plain)).isNotNull();
        assertThat(bound(searching)).isNull();
        assertThat(bound(browsing)).isNull();
    }

    private static @Nullable String bound(RequestBody body) {
        return MeteringSamples.bound(
                MeterReading.dispatched(
                        MeteringSamples.request(REQUEST.options(), body),
                        MeteringSamples.dispatch(1, MeteringSamples.LANE),
                        filePrices()));
    }

    private static MeterReading filed(Usage usage, @Nullable String tier) {
        Answer plain = MeteringSamples.answer(200, "{}", usage);
        Answer answer = new Answer(200, plain.body(), null, null, null, null, tier, usage);
        Attempt attempt =
                new Attempt(
                        MeteringSamples.dispatch(1, MeteringSamples.LANE),
                        Duration.ofMillis(5),
                        new Attempt.End.Succeeded(answer));
        return MeterReading.of(REQUEST, attempt, filePrices());
    }

    private static PriceList filePrices() {
        PriceCatalog catalog =
                PriceCatalog.of(
                        """
                        {"openai/gpt-5-mini": {
                        "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06,
                        "input_cost_per_token_above_200k_tokens": 2e-06,
                        "cache_read_input_token_cost": 1e-07,
                        "cache_creation_input_token_cost": 1.25e-06,
                        "cache_creation_input_token_cost_above_1hr": 2e-06,
                        "output_cost_per_audio_token": 1e-05,
                        "input_cost_per_token_flex": 5e-07, "output_cost_per_token_flex": 2.5e-06,
                        "input_cost_per_request": 0.001,
                        "search_context_cost_per_query": {"search_context_size_low": 0.01}}}"""
                                .getBytes(StandardCharsets.UTF_8));
        Price price = catalog.price(List.of("openai"), "gpt-5-mini", "").orElseThrow();
        return PriceList.of(Map.of(MeteringSamples.LANE, price), "catalog", catalog.version());
    }
}
