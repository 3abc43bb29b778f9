package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;

class Rfc3339Test {
    private static final DateTimeFormatter ORACLE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "2026-11-20T10:00:00Z,2026-11-20T10:00:00.000Z",
        "2024-02-29T23:59:59.999999999Z,2024-02-29T23:59:59.999Z",
        "1969-12-31T23:59:59.001Z,1969-12-31T23:59:59.001Z",
        "+12345-01-01T00:00:00Z,+12345-01-01T00:00:00Z"
    })
    void writesUtcWithMilliseconds(Instant instant, String text) {
        assertThat(Rfc3339.of(instant)).isEqualTo(text);
    }

    @Test
    void agreesWithTheJdk() {
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int i = 0; i < 10_000; i++) {
            Instant instant =
                    Instant.ofEpochSecond(
                            random.nextLong(253_402_300_800L), random.nextInt(1_000_000_000));
            assertThat(Rfc3339.of(instant)).as("seed " + seed).isEqualTo(ORACLE.format(instant));
        }
    }
}
