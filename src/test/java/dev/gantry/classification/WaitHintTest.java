package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

class WaitHintTest {
    private static final ErrorBody NOTHING = body("");

    private static ErrorBody body(String json) {
        return ErrorBody.of(Payload.opaque(json.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "retry-after,          20,                                PT20S",
        "retry-after,          1.5,                               PT1.5S",
        "retry-after,          0,                                 ",
        "retry-after,          'Fri, 20 Nov 2026 12:01:30 GMT',   PT1M30S",
        "retry-after,          'Fri, 20 Nov 2026 11:00:00 GMT',   ",
        "retry-after,          -5,                                ",
        "retry-after,          soon,                              ",
        "retry-after,          99999999999999,                    ",
        "retry-after,          390623,                            PT24H",
        "retry-after-ms,       1780,                              PT1.78S",
        "x-ms-retry-after-ms,  250,                               PT0.25S",
        "x-ratelimit-reset,    30,                                PT30S",
        "x-ratelimit-reset,    2m59.56s,                          PT2M59.56S",
        "x-ratelimit-reset,    1795176060,                        PT1M",
        "x-ratelimit-reset,    1795176060000,                     PT1M",
        "ratelimitbysize-reset, 23,                               PT23S",
        "unheard-of,           20,                                "
    })
    void readsHeaders(String name, String value, @Nullable Duration wait) {
        assertThat(WaitHint.of(Map.of(name, value), NOTHING, "", "generic", Answers.NOW))
                .isEqualTo(wait);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "please try again in 8.4s. visit us,     PT8.4S",
        "please try again in 120ms.,             PT0.12S",
        "try again in 9m38.016s. more?,          PT9M38.016S",
        "please retry after 86400 seconds.,      PT24H",
        "try again in 60 seconds,                PT1M",
        "please retry in 2 minutes,              PT2M",
        "try again in a while,                   ",
        "limit 20 in 5s,                         "
    })
    void readsWords(String text, @Nullable Duration wait) {
        assertThat(WaitHint.of(Map.of(), NOTHING, text, "generic", Answers.NOW)).isEqualTo(wait);
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    try again in 6m0s                        | PT6M
                    try again in 1h2m3.5s                    | PT1H2M3.5S
                    try again in 2 hours                     | PT2H
                    retry in 1 minute and 30 seconds         | PT1M30S
                    please wait 52331 seconds before         | PT14H32M11S
                    your rate limit resets in ~5s.           | PT5S
                    wait a bit, then try again in 3 s        | PT3S
                    try again in 400 days                    |
                    请在30秒后重试                              | PT30S
                    """)
    void readsUnits(String text, @Nullable Duration wait) {
        assertThat(WaitHint.of(Map.of(), NOTHING, text, "generic", Answers.NOW)).isEqualTo(wait);
    }

    @Test
    void readsTheWindowsOfAnthropicOnlyWhereNothingRemains() {
        Map<String, String> headers =
                Map.of(
                        "anthropic-ratelimit-requests-remaining", "40",
                        "anthropic-ratelimit-requests-reset", "2026-11-20T13:00:00Z",
                        "anthropic-ratelimit-input-tokens-remaining", "0",
                        "anthropic-ratelimit-input-tokens-reset", "2026-11-20T12:00:20Z");

        assertThat(WaitHint.of(headers, NOTHING, "", "generic", Answers.NOW))
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void readsTheHeadersThatAGatewayHandsOn() {
        ErrorBody said =
                body(
                        "{\"error\":{\"metadata\":{\"headers\":{\"X-RateLimit-Remaining\":\"0\","
                                + "\"X-RateLimit-Reset\":\"1795176045000\"}}}}");

        assertThat(WaitHint.of(Map.of(), said, "", "generic", Answers.NOW))
                .isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void passesOverAHintThatIsNoneForTheNext() {
        Map<String, String> headers = Map.of("retry-after", "0");

        assertThat(WaitHint.of(headers, NOTHING, "try again in 9s", "generic", Answers.NOW))
                .isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void takesTheResetOfTheWindowThatIsUsedUp() {
        Map<String, String> headers =
                Map.of(
                        "x-ratelimit-remaining-requests", "12",
                        "x-ratelimit-reset-requests", "5h0m0s",
                        "x-ratelimit-remaining-tokens", "0",
                        "x-ratelimit-reset-tokens", "7.66s");

        assertThat(WaitHint.of(headers, NOTHING, "", "generic", Answers.NOW))
                .isEqualTo(Duration.ofMillis(7660));
    }

    @Test
    void takesTheProvidersOwnWordBeforeItsWindows() {
        Map<String, String> headers =
                Map.of(
                        "retry-after", "5",
                        "x-ratelimit-remaining-requests", "0",
                        "x-ratelimit-reset-requests", "60s");

        assertThat(WaitHint.of(headers, NOTHING, "try again in 9s", "generic", Answers.NOW))
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void readsGooglesRetryDelay() {
        assertThat(
                        WaitHint.of(
                                Map.of(),
                                body("{\"retryDelay\":\"45.837906927s\"}"),
                                "",
                                "generic",
                                Answers.NOW))
                .isEqualTo(Duration.ofNanos(45_837_906_927L));
    }
}
