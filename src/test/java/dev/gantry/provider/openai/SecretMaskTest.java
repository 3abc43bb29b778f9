package dev.gantry.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

class SecretMaskTest {
    private static final SecretMask MASK =
            SecretMask.of(
                            Map.of(
                                    "x-org-token", "Token tok/en+1234",
                                    "anthropic-version", "2023-06-01"),
                            URI.create("https://h/v1?api-key=in-the-url&v=2024-10-21"))
                    .with("sk-live-1234");

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    key sk-live-1234, sk-live-1234. | key ************, ************.
                    sk-live-123                     | sk-live-123
                    tok/en+1234 tok\\/en+1234       | *********** ************
                    in-the-url                      | **********
                    2023-06-01 2024-10-21           | 2023-06-01 2024-10-21
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

    @Test
    void aPlaceholderIsNoSecret() {
        byte[] bytes = "EMPTY".getBytes(StandardCharsets.UTF_8);

        MASK.with("EMPTY").blank(bytes);

        assertThat(bytes).isEqualTo("EMPTY".getBytes(StandardCharsets.UTF_8));
        assertThat(MASK.toString()).doesNotContain("live", "tok");
    }
}
