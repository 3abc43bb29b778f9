package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** What is known of a request's cost counts, even if not all of it is. */
class BatchTotalsTest {
    @ParameterizedTest(name = "{0} of {1}: {2} and {3} unknown")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    "0.5" | {"cost_usd": "0.2"}, {"cost_usd": "0.3"}                | 0.5  | 0
                    null  | {"cost_usd": "0.25"}, {"cost_usd": null}                | 0.25 | 1
                    null  | {"cost_usd": null}, {"cost_usd": "0.25"}, {}            | 0.25 | 2
                    null  | {"cost_usd": null, "count": 3}                          | 0    | 3
                    null  | {"cost_usd": "0.25"}                                    | 0.25 | 1
                    null  | ``                                                      | 0    | 1
                    """)
    void addsUpWhatIsKnown(String cost, String attempts, BigDecimal usd, long unknown) {
        var totals = new BatchTotals();
        String result =
                "{\"custom_id\": \"a\", \"gantry\": {\"cost_usd\": %s, \"attempts\": [%s]}}"
                        .formatted(cost, attempts);

        totals.add(ResultReading.parse(result.getBytes(StandardCharsets.UTF_8)).orElseThrow());

        assertThat(totals.cost(null)).isEqualTo(new Summary.Cost(usd, unknown, null));
    }
}
