package dev.gantry.dialect.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.dialect.Chats;
import dev.gantry.dialect.Translation;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What depends on the model, and stands beside the body. */
class GeminiFormatTest {
    @ParameterizedTest
    @CsvSource({
        "gemini-2.5-flash,       none,    /thinkingBudget, 0",
        "gemini-2.5-pro,         none,    /thinkingBudget, 128",
        "gemini-2.5-pro,         high,    /thinkingBudget, 24576",
        "gemini-3-flash-preview, none,    /thinkingLevel,  minimal",
        "gemini-3-pro-preview,   minimal, /thinkingLevel,  low",
        "gemini-3-pro-preview,   medium,  /thinkingLevel,  high",
        "gemini-3.1-pro-preview, medium,  /thinkingLevel,  medium",
        "gemini-3.8-flash,       none,    /thinkingLevel,  low",
        "gemini-3.8-flash,       max,     /thinkingLevel,  high"
    })
    void asksForThinkingThatTheModelHas(String model, String effort, String at, String wanted) {
        InferenceRequest request = request(",\"reasoning_effort\":\"%s\"".formatted(effort));

        var dispatch = Chats.dispatch(request, Dialect.GEMINI, model);
        var sent = Chats.sent(new GeminiFormat().request(request, dispatch));

        assertThat(sent.at("/generationConfig/thinkingConfig" + at).asString()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({
        "'',               /models/m:generateContent",
        "',\"stream\":false', /models/m:generateContent",
        "',\"stream\":true',  /models/m:streamGenerateContent?alt=sse"
    })
    void streamsByAnotherMethod(String members, String path) {
        InferenceRequest request = request(members);

        var dispatch = Chats.dispatch(request, Dialect.GEMINI, "m");
        var sent = (Translation.WireRequest) new GeminiFormat().request(request, dispatch);

        assertThat(sent.path()).isEqualTo(path);
    }

    /** What a stream keeps is as large as its text, however small its pieces are. */
    @Test
    void keepsATextOfManyPiecesAsOne() {
        GeminiStream stream = new GeminiStream(false, 200, Map.of());
        byte[] piece =
                "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n\n"
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 500; i++) {
            stream.take(piece, piece.length, _ -> {});
        }

        JsonNode parts = requireNonNull(stream.joined()).at("/candidates/0/content/parts");

        assertThat(parts.size()).isEqualTo(1);
        assertThat(parts.at("/0/text").asString()).isEqualTo("x".repeat(500));
    }

    private static InferenceRequest request(String members) {
        return Chats.request(
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]%s}"
                        .formatted(members));
    }
}
