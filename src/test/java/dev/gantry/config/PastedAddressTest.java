package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gantry.inference.Dialect;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.util.Locale;

class PastedAddressTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
openai    | https://api.openai.com/v1/chat/completions            | without the path of a call
openai    | https://api.openai.com/v1/responses/                  | without the path of a call
openai    | http://llm:8000/v1/embeddings                         | without the path of a call
anthropic | https://api.anthropic.com/v1/messages                 | without the path of a call
gemini    | https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:generateContent | without the path
openai    | https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21  | without the path
openai    | http://llm:8000//v1                                   | with single slashes
openai    | https://api.openai.com                                | with the API's version
openai    | https://API.OpenAI.com/                               | with the API's version
openai    | https://api.mistral.ai                                | with the API's version
openai    | http://localhost:11434                                | with the API's version
openai    | http://127.0.0.1:1234/                                | with the API's version
openai    | https://api.groq.com/v1                               | https://api.groq.com/openai/v1
openai    | https://openrouter.ai                                 | https://openrouter.ai/api/v1
anthropic | https://api.anthropic.com                             | with the API's version
anthropic | https://api.deepseek.com/anthropic                    | with the API's version
openai    | https://generativelanguage.googleapis.com/v1beta      | /v1beta/openai, or dialect gemini
gemini    | https://generativelanguage.googleapis.com/v1beta/openai/ | https://generativelanguage.googleapis.com/v1beta
gemini    | https://generativelanguage.googleapis.com             | https://generativelanguage.googleapis.com/v1beta
openai    | https://europe-west1-aiplatform.googleapis.com/v1     | endpoints/openapi
openai    | https://x.openai.azure.com/                           | https://<resource>.openai.azure.com/openai/v1
openai    | https://x.openai.azure.com/openai/deployments/d       | with ?api-version=
""")
    void saysWhatIsWantedInsteadOfWhatIsPasted(String dialect, URI pasted, String wanted) {
        assertThat(PastedAddress.corrected(pasted, dialect(dialect))).contains(wanted);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
openai    | https://api.openai.com/v1/
openai    | https://api.deepseek.com
openai    | https://api.openai.com/v1//
openai    | https://proxy.example.com/https://api.openai.com/v1
openai    | https://llm.example.com/v1?next=//a
openai    | http://llm.example.internal:8000
openai    | https://api.anthropic.com/v1
openai    | https://foundry.services.ai.azure.com/models?api-version=2024-05-01-preview
openai    | https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21
openai    | https://x.openai.azure.com/openai/v1/
openai    | https://gateway.example.com/openrouter.ai/v1
openai    | https://generativelanguage.googleapis.com/v1beta/openai/
openai    | https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi
gemini    | https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google
anthropic | https://api.deepseek.com/anthropic/v1
anthropic | https://bedrock-mantle.eu-west-1.api.aws/anthropic/v1/
""")
    void letsBaseUrlsBe(String dialect, URI base) {
        assertThat(PastedAddress.corrected(base, dialect(dialect))).isNull();
    }

    @Test
    void stopsTheStartAndHidesAQuery() {
        String yaml =
                """
                gantry.providers.p:
                  tier: cloud
                  instances:
                    a: {base-url: "https://api.openai.com/v1/chat/completions"}
                    b: {base-url: "https://h/v1/chat/completions?key=hunter2"}
                  models: [{id: m}]
                """;

        WrongSettingsException error =
                catchThrowableOfType(
                        WrongSettingsException.class,
                        () -> SettingsBinder.bind(Environments.of(yaml)));

        assertThat(error)
                .hasMessageContaining(
                        "gantry.providers.p.instances.a.base-url:"
                                + " https://api.openai.com/v1/chat/completions;"
                                + " allowed is a base URL without the path of a call")
                .hasMessageContaining("gantry.providers.p.instances.b.base-url: ***;");
        assertThat(error.toString()).doesNotContain("hunter2");
    }

    private static Dialect dialect(String label) {
        return Dialect.valueOf(label.toUpperCase(Locale.ROOT));
    }
}
