package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.Bars;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The summary says each thing once, and what its sums leave out. */
class SummaryTextTest {
    private static final String ANSWERED =
            """
            {"custom_id": "a", "response": {"status_code": 200}, "gantry": {"outcome": "succeeded", "cost_usd": "0.176",
             "took_ms": 900, "queued_ms": 400, "attempts": [
             {"lane": "frontier:acme:main:inference:m", "status": "failed", "error": {"kind": "rate_limit"}, "cost_usd": "0"},
             {"lane": "local:house:main:inference:q", "status": "succeeded", "cost_usd": "0.176"}]}}
            """;
    private static final String EXPIRED =
            """
            {"custom_id": "b", "error": {"code": "batch_expired"}, "gantry": {"outcome": "expired", "cost_usd": "0"}}
            """;

    @Test
    void addsWhatTheMeterKnowsToWhatTheAnswersCost() {
        var meter = new BatchMeter.Sums(usd("0.248"), 715, 18, usd("0.09"), 2);

        assertThat(text(meter, 100).lines())
                .containsSubsequence(
                        "  Cost      $0.176 for the answers gathered",
                        "            $0.072 for other calls, such as those of workers that died",
                        "            no price: 715",
                        "            in doubt or under way: 18, at most $0.09 and 2 without a bound");
    }

    @Test
    void saysWhereTheRestIsThatItCouldNotRead() {
        assertThat(text(null, 200))
                .contains(
                        "$0.176 for the answers gathered",
                        "calls of workers that died are not in it: the metering topic");
    }

    @Test
    void saysNothingTwice() {
        String text = text(new BatchMeter.Sums(usd("0.176"), 0, 0, usd("0"), 0), 100);

        assertThat(text)
                .contains("succeeded         1   50.0 %", "expired           1")
                .contains("frontier:acme:main:inference:m  rate_limit 1")
                .contains("local:house:main:inference:q    succeeded 1")
                .doesNotContain("batch_expired", "other calls", "in doubt", "no price", "(1)");
    }

    @Test
    void wrapsAtTheTerminalsWidthAndLeavesWhatIsCopiedWhole() {
        String text = text(null, 60);

        assertThat(text.lines().filter(line -> !line.contains("/tmp/")))
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(61));
        assertThat(text).contains("java -jar gantry.jar collect b --out /tmp/" + "o".repeat(60));
    }

    @Test
    void aWordThatIsTooWideStaysWhole() {
        assertThat(Wrapped.of("one " + "x".repeat(40) + " two three", 20))
                .containsExactly("one", "  " + "x".repeat(40), "  two three");
        assertThat(Wrapped.of("succeeded 2, overloaded 3", 23))
                .containsExactly("succeeded 2,", "  overloaded 3");
        assertThat(Wrapped.of("x".repeat(40), 20)).containsExactly("x".repeat(40));
        assertThat(Wrapped.of("", 20)).isEmpty();
    }

    private static String text(BatchMeter.@Nullable Sums meter, int width) {
        var totals = new BatchTotals();
        for (String line : List.of(ANSWERED, EXPIRED)) {
            totals.add(ResultReading.parse(line.getBytes(StandardCharsets.UTF_8)).orElseThrow());
        }
        Path out = Path.of("/tmp/" + "o".repeat(60));
        var summary =
                new Summary(
                        new BatchId("b"),
                        2,
                        totals.succeeded(),
                        totals.failed(),
                        totals.work(),
                        totals.cost(meter),
                        totals.times(),
                        new Summary.Files(new ResultFiles.Paths(out, out), null),
                        new Summary.Ids(BatchProof.RECEIPT, 0, 0, 0),
                        "java -jar gantry.jar collect b --out " + out);
        assertThat(summary.times().elapsed()).isEqualTo(Duration.ZERO);
        return SummaryText.of(summary, Bars.BLOCKS, width);
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount);
    }
}
