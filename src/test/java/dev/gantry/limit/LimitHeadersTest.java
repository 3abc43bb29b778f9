package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;

class LimitHeadersTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private static final String X = "x-ratelimit-";

    /** Each row: whose answer, its headers, and what they tell, as {@link #shown} writes it. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            # OpenAI
            openai    | limit-requests: 60; remaining-requests: 59; reset-requests: 1s                      | requests 60/PT1M, 59 in PT1S
            openai    | limit-requests: 5000; remaining-requests: 4999; reset-requests: 12ms                | requests 5000/PT1M, 4999 in PT0.012S
            openai    | limit-tokens: 150000; remaining-tokens: 90000; reset-tokens: 24s                    | tokens 150000/PT1M, 90000 in PT24S
            openai    | limit-tokens: 30000; remaining-tokens: 0; reset-tokens: 1m0s                        | tokens 30000/PT1M, 0 in PT1M
            openai    | limit-requests: 200; remaining-requests: 199; reset-requests: 7m12s                 | requests 200/PT24H, 199 in PT7M12S
            openai    | limit-requests: 10000; remaining-requests: 9999; reset-requests: 8.64s              | requests 10000/PT24H, 9999 in PT8.64S
            openai    | limit-requests: 90; remaining-requests: 89; reset-requests: 40s                     | requests 90/PT1H, 89 in PT40S
            openai    | limit-tokens: 150000; remaining-tokens: 149984; reset-tokens: 6m0s                  | tokens 150000/?, 149984 in PT6M
            openai    | limit-requests: 500                                                                 | requests 500/PT1M
            openai    | limit-requests: 500; remaining-requests: 499                                        | requests 500/PT1M, 499
            openai    | limit-tokens_usage_based: 160000; remaining-tokens_usage_based: 159976              |
            # Groq counts requests by the day, and tokens by the minute
            groq      | limit-requests: 14400; remaining-requests: 14370; reset-requests: 2m59.56s          | requests 14400/PT24H, 14370 in PT2M59.56S
            groq      | limit-requests: 1000; remaining-requests: 1000                                      | requests 1000/PT24H, 1000
            openai    | limit-requests: 50; remaining-requests: 40; reset-requests: 200ms                     | requests 50/PT1S, 40 in PT0.2S
            openai    | limit-requests: 50; remaining-requests: 49; reset-requests: 5ms                       | requests 50/?, 49 in PT0.005S
            groq      | limit-tokens: 18000; remaining-tokens: 17702; reset-tokens: 993ms                   | tokens 18000/PT1M, 17702 in PT0.993S
            generic   | limit-requests: 1000; remaining-requests: 942; reset-requests: 1h23m31s             | requests 1000/PT24H, 942 in PT1H23M31S
            # fixed windows: what was used and the reset have nothing to do with each other
            litellm   | limit-requests: 600; remaining-requests: 599; reset-requests: 45                    | requests 600/PT1M, 599 in PT45S
            litellm   | limit-requests: 1440; remaining-requests: 1439; reset-requests: 60                  | requests 1440/PT1M, 1439 in PT1M
            generic   | limit-tokens: 40000; remaining-tokens: 39986; reset-tokens: 33.023s                 | tokens 40000/PT1M, 39986 in PT33.023S
            generic   | limit-requests: 100; remaining-requests: 60; reset-requests: 7200                   | requests 100/?, 60 in PT2H
            # the name says the period
            cerebras  | limit-requests-day: 14400; remaining-requests-day: 14000; reset-requests-day: 33011.382867097855 | requests 14400/PT24H, 14000 in PT9H10M11.382867098S
            cerebras  | limit-tokens-minute: 60000; remaining-tokens-minute: 59000; reset-tokens-minute: 11.382867097854614 | tokens 60000/PT1M, 59000 in PT11.382867098S
            nous      | limit-requests-1h: 900; remaining-requests-1h: 899; reset-requests-1h: 3540         | requests 900/PT1H, 899 in PT59M
            mistral   | limit-req-minute: 720; remaining-req-minute: 717; limit-tokens-minute: 5000000; remaining-tokens-minute: 4999911; tokens-query-cost: 52 | requests 720/PT1M, 717 + tokens 5000000/PT1M, 4999911
            mistral   | limit-req-minute: 0; remaining-req-minute: 0                                        |
            generic   | limit-tokens-per-minute: 750000; remaining-tokens-per-day: 799260                   | tokens 750000/PT1M
            sambanova | limit-requests: 60; remaining-requests: 59; reset-requests: 1795176060; limit-requests-day: 12000; remaining-requests-day: 11999; reset-requests-day: 1795219200 | requests 12000/PT24H, 11999 in PT12H + requests 60/PT1M, 59 in PT1M
            kong      | limit-minute: 120; remaining-minute: 119; limit-hour: 1000; remaining-hour: 900     | requests 1000/PT1H, 900 + requests 120/PT1M, 119
            fireworks | limit-tokens-prompt: 3600000; remaining-tokens-prompt: 3599000; limit-tokens-generated: 36000; remaining-tokens-generated: 35000; over-limit: no | input_tokens 3600000/PT1M, 3599000 + output_tokens 36000/PT1M, 35000
            # Azure: what has no limit, and what has no use
            azure     | limit-tokens: -1; remaining-tokens: -1; reset-tokens: 0                             |
            azure     | limit-requests: 0; remaining-requests: 79; reset-requests: 10                       |
            azure     | remaining-requests: 79; remaining-tokens: 61353                                     |
            azure     | limit-requests: 80; remaining-requests: 79; reset-requests: 1; renewalperiod-requests: 10 | requests 80/PT10S, 79 in PT1S
            azure     | remaining-requests: 79; reset-requests: 10                                          | requests 0/?, 79 in PT10S
            # whose period nobody knows
            openrouter| limit: 20; remaining: 0; reset: 1795176045000                                       | requests 20/?, 0 in PT45S
            together  | limit: 10; remaining: 0; reset: 1                                                   | requests 10/?, 0 in PT1S
            envoy     | limit: `100, 100;w=60;name="default"`; remaining: 99; reset: 31                     | requests 100/PT1M, 99 in PT31S
            # malformed
            generic   | limit-requests: many; remaining-requests: 5; reset-requests: 1s                     |
            generic   | limit-requests: 60; remaining-requests: few; reset-requests: soon                   | requests 60/PT1M
            generic   | limit-requests: 60; remaining-requests: -3; reset-requests: -1s                     | requests 60/PT1M
            generic   | limit-requests: 99999999999999999999; remaining-requests: 5; reset-requests: 5s     |
            generic   | limit-requests: ; remaining-requests: ; reset-requests:                             |
            generic   | limit-requests: 1e3; remaining-requests: 0x5; reset-requests: PT5S                  |
            generic   | limit-requests: 60.0; remaining-requests: 59.9; reset-requests: 0.5                 | requests 60/PT1M, 59 in PT0.5S
            generic   | reset-requests: 5s; reset-tokens: 5s                                                |
            generic   | limit-requests: 60; remaining-requests: 61; reset-requests: 0s                      | requests 60/PT1M, 61
            """)
    void readsWhatIsCountedByTheNamesBehindXRatelimit(
            String vendor, String headers, @Nullable String told) {
        assertThat(shown(LimitHeaders.read(headers(X, headers), vendor, NOW)))
                .isEqualTo(Objects.requireNonNullElse(told, ""));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            requests-limit: 4000; requests-remaining: 3999; requests-reset: 2026-11-20T12:00:01Z | requests 4000/PT1M, 3999 in PT1S
            tokens-limit: 480000; tokens-remaining: 240000; tokens-reset: 2026-11-20T12:00:30Z | tokens 480000/PT1M, 240000 in PT30S
            input-tokens-limit: 400000; input-tokens-remaining: 399000; input-tokens-reset: 2026-11-20T07:00:20-05:00 | input_tokens 400000/PT1M, 399000 in PT20S
            output-tokens-limit: 80000; output-tokens-remaining: 0; output-tokens-reset: 2026-11-20T12:01:00+00:00 | output_tokens 80000/PT1M, 0 in PT1M
            requests-limit: 4000; requests-remaining: 4000; requests-reset: 2026-11-20T12:00:00Z | requests 4000/PT1M, 4000
            requests-limit: 4000; requests-remaining: 10; requests-reset: tomorrow | requests 4000/PT1M, 10
            unified-status: allowed; unified-reset: 1795176060; unified-5h-utilization: 0.3 |
            """)
    void readsAnthropicsOwn(String headers, @Nullable String told) {
        assertThat(
                        shown(
                                LimitHeaders.read(
                                        headers("anthropic-ratelimit-", headers),
                                        "anthropic",
                                        NOW)))
                .isEqualTo(Objects.requireNonNullElse(told, ""));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            limit: 100; remaining: 9; reset: 6                         |              | requests 100/?, 9 in PT6S
            limit: `100, 100;w=60`; remaining: 9; reset: 6             |              | requests 100/PT1M, 9 in PT6S
            limit: 100; remaining: 9; reset: 6                         | `100;w=3600` | requests 100/PT1H, 9 in PT6S
            limit: 100; remaining: 9; reset: 6                         | `100;w=60, 5000;w=86400` | requests 100/?, 9 in PT6S
            `: limit=100, remaining=50, reset=30`                      | `100;w=60`   | requests 100/PT1M, 50 in PT30S
            `: "default";r=50;t=30`                                    | `"default";q=100;w=60` | requests 100/PT1M, 50 in PT30S
            `: "burst";r=5;t=3, "daily";r=90;t=3600`                   | `"burst";q=10;w=10,"daily";q=1000;w=86400` | requests 10/PT10S, 5 in PT3S + requests 1000/PT24H, 90 in PT1H
            `: "bytes";r=5000;t=3`                                     | `"bytes";q=65535;qu="content-bytes";w=10` |
            `: "default";r=50`                                         | `"default";q=100;w=60;qu="requests"` | requests 100/PT1M, 50
            `: "default";r=50;t=30`                                    |              | requests 0/?, 50 in PT30S
            `: "default";r=many;t=;;=`                                 | `"default";q`  |
            `: ,,;`                                                    | `,`          |
            """)
    void readsTheDraftsOfTheIetf(String headers, @Nullable String policy, @Nullable String told) {
        Map<String, String> said = new HashMap<>();
        headers("ratelimit-", headers)
                .forEach((name, value) -> said.put(name.replaceFirst("-$", ""), value));
        if (policy != null) {
            said.put("ratelimit-policy", policy);
        }

        assertThat(shown(LimitHeaders.read(said, "generic", NOW)))
                .isEqualTo(Objects.requireNonNullElse(told, ""));
    }

    @Test
    void countsAnInstantByTheProvidersClock() {
        Map<String, String> headers =
                Map.of(
                        "date", "Fri, 20 Nov 2026 12:03:00 GMT",
                        "anthropic-ratelimit-requests-limit", "50",
                        "anthropic-ratelimit-requests-remaining", "0",
                        "anthropic-ratelimit-requests-reset", "2026-11-20T12:03:30Z");

        assertThat(shown(LimitHeaders.read(headers, "anthropic", NOW)))
                .isEqualTo("requests 50/PT1M, 0 in PT30S");
        assertThat(shown(LimitHeaders.read(with(headers, "date", "now"), "anthropic", NOW)))
                .isEqualTo("requests 50/PT1M, 0 in PT3M30S");
    }

    private static Map<String, String> with(
            Map<String, String> headers, String name, String value) {
        Map<String, String> changed = new HashMap<>(headers);
        changed.put(name, value);
        return changed;
    }

    @Test
    void tellsNothingOfAnswersThatSayNothing() {
        assertThat(
                        LimitHeaders.read(
                                Map.of("content-type", "application/json", "x-request-id", "req_1"),
                                "openai",
                                NOW))
                .isEmpty();
    }

    /** An empty bucket refills as fast as ever; of a window that is used up nothing comes. */
    @ParameterizedTest(name = "{0} of {1} in {2} s: {3} a second")
    @CsvSource({
        "  0, 600, 60,    10",
        "  0, 600, 58,    10",
        "  0, 600, 20,     0",
        " 30, 600, 57,    10",
        " 30, 600, 15,     2",
        "300, 600, 60,     5",
        "599, 600,  0.1, 5990",
        "  6,   0,  3,     2"
    })
    void pacesWhatRemainsUntilTheReset(
            long remaining, long limit, double seconds, double perSecond) {
        Duration reset = Duration.ofNanos((long) (seconds * 1e9));
        ToldLimit told =
                new ToldLimit(
                        ToldLimit.Counted.REQUESTS, limit, Duration.ofMinutes(1), remaining, reset);

        assertThat(told.pace()).isCloseTo(perSecond, within(0.01));
    }

    @Test
    void survivesWhateverStandsThere() {
        Random random = new Random(7);
        List<String> names =
                List.of("limit-requests", "remaining-requests", "reset-requests", "limit", "reset");
        String letters = "0123456789.,;=w-smhZT:\" qrt\u0000é";

        for (int round = 0; round < 20_000; round++) {
            Map<String, String> headers = new HashMap<>();
            for (String name : names) {
                StringBuilder value = new StringBuilder();
                for (int left = random.nextInt(12); left > 0; left--) {
                    value.append(letters.charAt(random.nextInt(letters.length())));
                }
                headers.put(X + name, value.toString());
            }
            headers.put("ratelimit", String.join(",", headers.values()));
            headers.put("ratelimit-policy", String.join(";", headers.values()));

            for (ToldLimit each : LimitHeaders.read(headers, "generic", NOW)) {
                assertThat(each.limit()).isNotNegative();
                assertThat(each.rate()).isPositive();
                assertThat(each.pace()).isNotNegative();
            }
        }
    }

    /** {@code name: value; name: value}, where a value may be in backticks. */
    private static Map<String, String> headers(String prefix, String written) {
        Map<String, String> headers = new HashMap<>();
        StringBuilder rest = new StringBuilder(written);
        while (!rest.isEmpty()) {
            int colon = rest.indexOf(":");
            String name = rest.substring(0, colon).strip();
            rest.delete(0, colon + 1);
            int end = rest.indexOf("; ");
            int quoted = rest.indexOf("`");
            if (quoted >= 0 && (end < 0 || quoted < end)) {
                end = rest.indexOf("; ", rest.indexOf("`", quoted + 1));
            }
            String value = end < 0 ? rest.toString() : rest.substring(0, end);
            headers.put(prefix + name, value.replace("`", "").strip());
            rest.delete(0, end < 0 ? rest.length() : end + 1);
        }
        return headers;
    }

    private static String shown(List<ToldLimit> told) {
        return told.stream()
                .map(LimitHeadersTest::shown)
                .sorted()
                .collect(Collectors.joining(" + "));
    }

    private static String shown(ToldLimit told) {
        String shown =
                "%s %d/%s"
                        .formatted(
                                told.counted().name().toLowerCase(Locale.ROOT),
                                told.limit(),
                                told.per() == null ? "?" : told.per());
        shown += told.remaining() < 0 ? "" : ", " + told.remaining();
        return told.reset() == null ? shown : shown + " in " + told.reset();
    }
}
