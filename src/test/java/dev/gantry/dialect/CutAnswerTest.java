package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What has to be paid for is known also of an answer that breaks off behind it. */
class CutAnswerTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ANTHROPIC | {"id":"m","usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":5},"content":[{"type":"text","text":"Onc
                    GEMINI    | {"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":3,"candidatesTokenCount":5},"candidates":[{"content":{"parts":[{"te
                    """)
    void keepsItsUsage(Dialect dialect, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

        var reading = Chats.format(dialect).answer(Operations.CHAT, 200, Map.of(), bytes);

        Answer answer = reading.answer();
        assertThat(reading.good()).isFalse();
        assertThat(answer.body().text()).isEqualTo(body);
        assertThat(answer.usage())
                .extracting(Usage::input, Usage::cacheRead, Usage::output)
                .containsExactly(10L, 3L, 5L);
    }
}
