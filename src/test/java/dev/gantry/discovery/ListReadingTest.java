package dev.gantry.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Dialect;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

class ListReadingTest {
    /** As the servers answer, shortened. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
"""
OpenAI          | openai    | {"object":"list","data":[{"id":"gpt-5","object":"model","created":1,"owned_by":"x"}]}                       | gpt-5 - -
vLLM            | openai    | {"object":"list","data":[{"id":"org/m","max_model_len":32768,"permission":[{"id":"p"}]}]}                   | org/m 32768 -
Groq            | openai    | {"data":[{"id":"g","context_window":131072,"max_completion_tokens":8192}]}                                  | g 131072 8192
OpenRouter      | openai    | {"data":[{"id":"a/b:free","context_length":9,"top_provider":{"max_completion_tokens":7}}]}                  | a/b:free 9 7
Mistral         | openai    | {"data":[{"id":"mistral-small","max_context_length":131072,"aliases":["x"]}]}                               | mistral-small 131072 -
Together        | openai    | [{"id":"meta/llama","type":"chat","context_length":8192}]                                                   | meta/llama 8192 -
llama.cpp       | openai    | {"models":[{"name":"q.gguf","model":"q.gguf"}],"object":"list","data":[{"id":"q.gguf","meta":{"n_ctx_train":4096}}]} | q.gguf - -
Ollama's tags   | openai    | {"models":[{"name":"llama3:latest","model":"llama3:latest","size":4,"details":{"family":"llama"}}]}         | llama3:latest - -
names alone     | openai    | {"data":["m"]}                                                                                              | m - -
Anthropic       | anthropic | {"data":[{"type":"model","id":"claude-x","max_input_tokens":200000,"max_tokens":64000}],"has_more":false}   | claude-x 200000 64000
Gemini          | gemini    | {"models":[{"name":"models/gemini-x","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent"]},{"name":"models/embed","supportedGenerationMethods":["embedContent"]}]} | gemini-x 1048576 65536
odd numbers     | openai    | {"data":[{"id":"m","context_window":-1,"max_model_len":"many","context_length":1e40}]}                      | m - -
""")
    void readsEveryForm(String server, String dialect, String body, String expected) {
        ListReading.Page page = page(dialect, body);

        assertThat(page.models())
                .singleElement()
                .extracting(ListReadingTest::shown)
                .isEqualTo(expected);
        assertThat(page.odd()).isZero();
        assertThat(page.next()).isNull();
    }

    @Test
    void leavesOutNamesThatCannotStandInALaneId() {
        ListReading.Page page =
                page(
                        "openai",
                        "{\"data\":[{\"id\":\"a b\"},{\"id\":\"auto\"},{\"id\":\"\"},{\"id\":7},{},null,[1],"
                                + "{\"id\":\"über\"},{\"id\":\"a\\n\"},{\"id\":\""
                                + "x".repeat(201)
                                + "\"},{\"id\":\"fine\"}]}");

        assertThat(page.models()).containsExactly(ListedModel.of("fine"));
        assertThat(page.odd()).isEqualTo(10);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
"""
anthropic | {"data":[],"has_more":true,"last_id":"a&b"}  | after_id=a%26b
anthropic | {"data":[],"has_more":false,"last_id":"a"}   |
gemini    | {"models":[],"nextPageToken":"t=/"}          | pageToken=t%3D%2F
gemini    | {"models":[]}                                |
openai    | {"data":[],"has_more":true,"last_id":"a"}    |
""")
    void knowsWhereTheNextPageIs(String dialect, String body, String next) {
        assertThat(page(dialect, body).next()).isEqualTo(next);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
"""
<html>nginx</html>              | the answer is no JSON
{"data":                        | the answer is no JSON
``                              | the answer holds no list of models
{"error":{"message":"secret"}}  | the answer holds no list of models
{"data":{"id":"m"}}             | the answer holds no list of models
"models"                        | the answer holds no list of models
""")
    void saysWhatIsNoList(String body, String why) {
        assertThat(ListReading.of(Dialect.OPENAI, body.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new ListReading.Unreadable(why));
    }

    @Test
    void depthIsNoList() {
        byte[] deep = "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);

        assertThat(ListReading.of(Dialect.OPENAI, deep)).isInstanceOf(ListReading.Unreadable.class);
    }

    private static ListReading.Page page(String dialect, String body) {
        return (ListReading.Page)
                ListReading.of(
                        Dialect.valueOf(dialect.toUpperCase(Locale.ROOT)),
                        body.getBytes(StandardCharsets.UTF_8));
    }

    private static String shown(ListedModel model) {
        return "%s %s %s"
                .formatted(
                        model.id(),
                        model.contextWindow() == null ? "-" : model.contextWindow(),
                        model.maxOutputTokens() == null ? "-" : model.maxOutputTokens());
    }
}
