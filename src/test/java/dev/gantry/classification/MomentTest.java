package dev.gantry.classification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

class MomentTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    zai     | your limit will reset at 2026-11-26 23:59:28      | PT3H59M28S
                    generic | your limit will reset at 2026-11-26 23:59:28      | PT11H59M28S
                    zai     | resets at 2026-11-26t23:00:00z                    | PT11H
                    generic | resets at 2026-11-26 23:00:00 utc                 | PT11H
                    generic | resets at 2026-11-26t23:00:00+02:00               | PT9H
                    generic | access resets at 10:57 pm gmt-3.                  | PT13H57M
                    generic | you will regain access on 2026-11-27 at 00:00 utc | PT12H
                    generic | resets on nov 27, 2026, 1:00 am utc               | PT13H
                    generic | quota will be replenished in 0.02:03:04.          | PT2H3M4S
                    generic | quota will be replenished in 00:59:59             | PT59M59S
                    generic | try again in 3.5s                                 | PT3.5S
                    generic | resets at noon                                    |
                    generic | resets at 2026-11-20 10:00                        |
                    generic | resets at 2026-13-40 99:00                        |
                    """)
    void isReadInItsZone(String vendor, String text, @Nullable Duration wait) {
        ErrorBody silent = ErrorBody.of(Payload.opaque(new byte[0]));

        assertThat(WaitHint.of(Map.of(), silent, text, vendor, NOW)).isEqualTo(wait);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"error":{"retryAfterSeconds":45}}               | PT45S
                    {"error":{"retry_after_ms":1500}}                | PT1.5S
                    {"error":{"details":[{"retryDelay":"3.5s"}]}}    | PT3.5S
                    {"error":{"metadata":{"quotaResetDelay":"1h16m"}}} | PT1H16M
                    {"error":{"resetAt":"2026-11-26T13:00:00Z"}}     | PT1H
                    """)
    void membersSayItToo(String body, Duration wait) {
        ErrorBody said = ErrorBody.of(Payload.json(body.getBytes(StandardCharsets.UTF_8)));

        assertThat(WaitHint.of(Map.of(), said, "", "generic", NOW)).isEqualTo(wait);
    }
}
