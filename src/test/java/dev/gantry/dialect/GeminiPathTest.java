package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.gemini.GeminiFormat;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiPathTest {
    @ParameterizedTest
    @CsvSource({
        "gemini-3.8-flash, /models/gemini-3.8-flash:generateContent",
        "models/gemini-3.8-flash, /models/gemini-3.8-flash:generateContent",
        "tunedModels/mine-1, /tunedModels/mine-1:generateContent",
        "google/gemini 3:x, /models/google/gemini%203%3Ax:generateContent"
    })
    void aModelStandsInThePathAsGoogleNamesIt(String model, String path) {
        InferenceRequest request =
                Chats.request("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi.\"}]}");

        Translation sent =
                new GeminiFormat().request(request, Chats.dispatch(request, Dialect.GEMINI, model));

        assertThat(sent)
                .isInstanceOfSatisfying(
                        Translation.WireRequest.class,
                        wire -> assertThat(wire.path()).isEqualTo(path));
    }
}
