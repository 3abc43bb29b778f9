package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The meter of a batch, whoever made its calls and in whatever order it is read. */
class BatchMeterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T15:42:01Z");
    private static final int DISPATCHED = 10_000_000;
    private static final int FINAL = 30_000_000;
    private static final String THROTTLED = "'outcome': 'throttled', 'error_kind': '%s',";
    private static final String DOUBT = "{'amount': null, 'upper_bound': '0.25'}";

    private final ExpectedIds ids = new ExpectedIds();
    private final BatchMeter meter = new BatchMeter(new BatchId("b"), ids);

    @Test
    void countsTheGreatestVersionOfEachAttemptOnceInAnyOrder() {
        ids.expect("a");
        take("x~1", DISPATCHED, DOUBT, "");
        take("x~1", FINAL, "{'amount': '0.1'}", "");
        take("y~1", FINAL, "{'amount': '0.02'}", "");
        take("y~1", DISPATCHED, DOUBT, "");
        take("y~1", FINAL, "{'amount': '0.02'}", "");

        assertThat(meter.open()).isZero();
        assertThat(meter.sums().usd()).isEqualByComparingTo("0.12");
        assertThat(meter.sums().inDoubt()).isZero();
    }

    @Test
    void tellsCallsWithoutAPriceFromThoseInDoubt() {
        ids.expect("a");
        String unpriced = "'price': {'missing_reason': 'lane_not_priced'},";
        take("free~1", FINAL, "{'amount': null}", unpriced);
        take("free~2", DISPATCHED, "{'amount': null}", unpriced);
        take("late~1", 20_000_000, DOUBT, "");
        take("dead~1", DISPATCHED, DOUBT, "");
        take("dead~2", DISPATCHED, "{'amount': null}", "");

        assertThat(meter.open()).isEqualTo(3);
        assertThat(meter.sums())
                .isEqualTo(
                        new BatchMeter.Sums(
                                BigDecimal.ZERO, 2, 3, new BigDecimal("0.500000000000"), 1));
    }

    @Test
    void leavesOutWhatIsNotTheBatchs() {
        ids.expect("a", new ExpectedIds.Place(2, 7, 0));
        take("ours~1", FINAL, "{'amount': '1'}", "'source_partition': 2, 'source_offset': 7,");
        take("theirs~1", FINAL, "{'amount': '2'}", "'source_partition': 2, 'source_offset': 8,");
        take("nobodys~1", FINAL, "{'amount': '4'}", "'custom_id': 'z',");
        meter.take("no JSON".getBytes(StandardCharsets.UTF_8), NOW);
        meter.take("[]".getBytes(StandardCharsets.UTF_8), NOW);

        assertThat(meter.sums().usd()).isEqualByComparingTo("1");
    }

    @Test
    void namesTheLaneWhoseLimitRequestsWaitForAndItsPace() {
        ids.expect("a");
        for (int call = 0; call < 22; call++) {
            takeAt(NOW.plusMillis(454L * call), "ok" + call, "'outcome': 'succeeded',");
        }
        takeAt(NOW.plusSeconds(10), "no", THROTTLED.formatted("rate_limit"));
        take("open~1", DISPATCHED, DOUBT, "");

        assertThat(meter.waiting(104, NOW.plusSeconds(10)))
                .isEqualTo("103 wait: openai:m:embedding:e (rate_limit, 2.2/s)");
        assertThat(meter.waiting(1, NOW.plusSeconds(10))).isNull();
        assertThat(meter.waiting(104, NOW.plusSeconds(21))).as("nothing moves").isNull();
    }

    @Test
    void saysItAlikeWhereOtherLanesTakeCallsTooAndHowSlowlyItGoes() {
        ids.expect("a");
        takeAt(NOW, "no", THROTTLED.formatted("overloaded"));
        meter.take(
                json(
                        "{'batch_id': 'b', 'attempt_id': 'y', 'version': 30000000, 'custom_id': 'a', 'lane': 'local:h:m:embedding:e', 'outcome': 'succeeded'}"),
                NOW);

        assertThat(meter.waiting(9, NOW))
                .isEqualTo("9 wait: openai:m:embedding:e (overloaded, no answer of late)");

        takeAt(NOW.plusSeconds(25), "one", "'outcome': 'succeeded',");
        assertThat(meter.waiting(9, NOW.plusSeconds(30)))
                .isEqualTo("9 wait: openai:m:embedding:e (overloaded, an answer in 30 s)");
    }

    @Test
    void saysUntilWhenEveryLaneIsBenchedAndByWhat() {
        ids.expect("a");
        waits(NOW.plusSeconds(60), "", NOW);

        assertThat(meter.waiting(3, NOW.plusSeconds(40)))
                .isEqualTo("3 wait: every lane is benched until 2026-11-21T15:43:01Z");
        assertThat(meter.waiting(3, NOW.plusSeconds(61))).isNull();

        takeAt(NOW.plusSeconds(61), "no", THROTTLED.formatted("overloaded"));
        waits(NOW.plusSeconds(120), "", NOW.plusSeconds(61));
        String benched =
                "3 wait: every lane is benched until 2026-11-21T15:44:01Z"
                        + " (openai:m:embedding:e: overloaded)";
        assertThat(meter.waiting(3, NOW.plusSeconds(62))).as("from the first").isEqualTo(benched);
        assertThat(meter.waiting(3, NOW.plusSeconds(90))).as("to the last").isEqualTo(benched);

        takeAt(NOW.plusSeconds(95), "yes", "'outcome': 'succeeded',");
        assertThat(meter.waiting(3, NOW.plusSeconds(95)))
                .as("a lane answers")
                .doesNotContain("bench");
    }

    @Test
    void saysWhenTheFirstOfThoseThatWaitWaitsNoLonger() {
        ids.expect("a");
        waits(NOW.plusSeconds(60), "'deadline': '2026-11-22T15:42:01.500Z',", NOW);
        waits(NOW.plusSeconds(60), "'deadline': '2026-11-21T15:42:31.000Z',", NOW);
        waits(NOW.plusSeconds(60), "'deadline': '2026-11-22T15:42:01.500Z',", NOW);

        String benched = "3 wait: every lane is benched until 2026-11-21T15:43:01Z";
        assertThat(meter.waiting(3, NOW))
                .isEqualTo(benched + "; the first deadline is 2026-11-21T15:42:31Z");
        assertThat(meter.waiting(3, NOW.plusSeconds(31))).as("it has passed").isEqualTo(benched);

        waits(NOW.plusSeconds(60), "'deadline': '2026-11-22T15:42:01.500Z',", NOW.plusSeconds(31));
        assertThat(meter.waiting(3, NOW.plusSeconds(31)))
                .isEqualTo(benched + "; the first deadline is 2026-11-22T15:42:01Z");

        takeAt(NOW.plusSeconds(61), "no", THROTTLED.formatted("overloaded"));
        assertThat(meter.waiting(3, NOW.plusSeconds(62)))
                .isEqualTo(
                        "3 wait: openai:m:embedding:e (overloaded, no answer of late); the first deadline is 2026-11-22T15:42:01Z");

        takeAt(NOW.plusSeconds(62), "yes", "'outcome': 'succeeded',");
        waits(NOW.plusSeconds(90), "", NOW.plusSeconds(63));
        assertThat(meter.waiting(2, NOW.plusSeconds(63)))
                .as("of others")
                .isEqualTo(
                        "2 wait: every lane is benched until 2026-11-21T15:43:31Z (openai:m:embedding:e: overloaded)");
    }

    private void waits(Instant until, String more, Instant now) {
        meter.waits(json("{%s 'until': '%s'}".formatted(more, until)), now);
    }

    private void take(String attempt, int version, String cost, String more) {
        String whose = more.contains("custom_id") ? "" : "'custom_id': 'a',";
        meter.take(
                json(
                        "{'attempt_id': '%s', 'version': %d, 'cost': %s, %s %s 'batch_id': 'b'}"
                                .formatted(attempt, version, cost, more, whose)),
                NOW);
    }

    private void takeAt(Instant time, String attempt, String more) {
        meter.take(
                json(
                        "{'batch_id': 'b', 'attempt_id': '%s', 'version': %d, 'custom_id': 'a', %s 'lane': 'frontier:openai:m:embedding:e', 'cost': {'amount': '0'}}"
                                .formatted(attempt, FINAL, more)),
                time);
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
