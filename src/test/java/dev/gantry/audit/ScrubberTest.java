package dev.gantry.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.time.Duration;

class ScrubberTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    Incorrect API key provided: sk-abcDEF0123456789. | Incorrect API key provided: ***
                    Invalid api_key: 0123456789abcdef in call | Invalid api_key: *** in call
                    key sk-ant-api03-abc_DEF-123 is bad | key *** is bad
                    Authorization: Bearer abc.def-123 rejected | Authorization: Bearer *** rejected
                    sent bearer abcdef123456, got 401 | sent bearer ***, got 401
                    {"api_key": "s3cr3tvalue", "a": 1} | {"api_key": "***", "a": 1}
                    {\\"x-api-key\\":\\"s3cr3tvalue\\"} | {\\"x-api-key\\":\\"***\\"}
                    GET https://h/v1?key=abc123def&alt=sse failed | GET https://h/v1?key=***&alt=sse failed
                    no route to https://jo:pa55word@proxy:3128 | no route to https://***@proxy:3128
                    token eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl ended | token *** ended
                    AIzaSyA1234567890abcdef is not valid | *** is not valid
                    client_secret=abcdef refused | client_secret=*** refused
                    """)
    void takesSecretsOut(String message, String clean) {
        assertThat(Scrubber.scrub(message)).isEqualTo(clean);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The model `gpt-5-mini` does not exist or you do not have access to it.",
                "Rate limit reached for requests per min (RPM): Limit 3, Used 3. Try again in 20s.",
                "maximum context length is 8192 tokens; reduce max_tokens: 9000",
                "connection refused: https://api.openai.com:443/v1/chat/completions"
            })
    void leavesOrdinaryMessagesAsTheyAre(String message) {
        assertThat(Scrubber.scrub(message)).isEqualTo(message);
    }

    @Test
    void keepsToOneLineOf500Characters() {
        String clean = Scrubber.scrub("first\nsecond\u0000" + "x".repeat(1000));

        assertThat(clean).hasSize(500).startsWith("first second xxx");
    }

    @Test
    void neverCutsACharacterInHalf() {
        String clean = Scrubber.scrub("x".repeat(499) + "🙂");

        assertThat(clean).isEqualTo("x".repeat(499));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"eyJ", "sk-", "api_key", "bearer ", "://a:", "a-", "\"", "= ", "password:"})
    void takesLittleTimeOnHostileText(String part) {
        String hostile = part.repeat(200_000 / part.length());

        var thread = ManagementFactory.getThreadMXBean();
        long start = thread.getCurrentThreadCpuTime();
        for (int i = 0; i < 20; i++) {
            Scrubber.scrub(hostile);
        }

        // Milliseconds in truth; a quadratic pattern takes seconds.
        assertThat(Duration.ofNanos(thread.getCurrentThreadCpuTime() - start))
                .isLessThan(Duration.ofSeconds(2));
    }
}
