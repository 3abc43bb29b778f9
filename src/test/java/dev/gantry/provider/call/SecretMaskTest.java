package dev.gantry.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

class SecretMaskTest {
    private static final SecretMask MASK =
            SecretMask.of(
                            Map.of(
                                    "x-org-token", "Token tok/en+1234",
                                    "x-team", "blue/7f3a9c21",
                                    "x-stage", "production",
                                    "anthropic-version", "2023-06-01"),
                            URI.create(
                                    "https://h/v1?api-key=in-the-url-4711&sig=aB3%2Fx9Qz&v=2024-10-21"))
                    .with("sk-live-1234");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    key sk-live-1234, sk-live-1234. | key ************, ************.
                    sk-live-123                     | sk-live-123
                    tok/en+1234 tok\\/en+1234       | *********** ************
                    in-the-url-4711 aB3%2Fx9Qz      | *************** **********
                    aB3/x9Qz                        | ********
                    2023-06-01 2024-10-21           | 2023-06-01 2024-10-21
                    blue/7f3a9c21 in production     | ************* in production
                    é sk-live-1234 é                | é ************ é
                    """)
    void blanksSecretsAndNothingElse(String body, String blanked) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

        MASK.blank(bytes);

        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(blanked);
    }

    @Test
    void blanksHeadersThatEchoTheKey() {
        Map<String, String> clean = Map.of("x-request-id", "req-1");

        assertThat(MASK.blank(clean)).isSameAs(clean);
        assertThat(MASK.blank(Map.of("x-request-id", "for sk-live-1234")))
                .containsEntry("x-request-id", "for ***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"EMPTY", "anything", "not-needed", "lm-studio", "Anonymous", "2024-10-21"})
    void whatMayBeAWordIsNoSecret(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);

        MASK.with(key).blank(bytes);

        assertThat(bytes).isEqualTo(key.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void tellsNothingOfItself() {
        assertThat(MASK.toString()).doesNotContain("live", "tok");
    }
}
