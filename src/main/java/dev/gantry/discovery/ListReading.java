package dev.gantry.discovery;

import dev.gantry.inference.Dialect;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a server's answer says of its models, whatever the server is; pure. */
sealed interface ListReading {
    /**
     * A list, or a page of it.
     *
     * @param odd entries whose names cannot stand in lane ids: they are left out
     * @param next the query of the next page; null: there is none
     */
    record Page(List<ListedModel> models, int odd, @Nullable String next) implements ListReading {
        public Page {
            models = List.copyOf(models);
        }
    }

    /**
     * No list.
     *
     * @param why in words of ours
     */
    record Unreadable(String why) implements ListReading {}

    /**
     * OpenAI's form and Anthropic's ({@code data}), Gemini's, Ollama's and llama.cpp's ({@code
     * models}), or a bare array; entries are objects, or names.
     */
    static ListReading of(Dialect dialect, byte[] body) {
        JsonNode root;
        try {
            root = Fields.JSON.readTree(body);
        } catch (JacksonException _) {
            // Its message would quote what was answered.
            return new Unreadable("the answer is no JSON");
        }
        JsonNode entries =
                root.isArray()
                        ? root
                        : root.path("data").isArray() ? root.path("data") : root.path("models");
        if (!entries.isArray()) {
            return new Unreadable("the answer holds no list of models");
        }
        List<ListedModel> models = new ArrayList<>();
        int odd = 0;
        for (JsonNode entry : entries) {
            if (Fields.serves(entry)) {
                String id = Fields.id(dialect, entry);
                if (Fields.NAME.matcher(id).matches() && !id.equals("auto")) {
                    models.add(
                            new ListedModel(
                                    id, Fields.window(entry), Fields.output(dialect, entry)));
                } else {
                    odd++;
                }
            }
        }
        return new Page(models, odd, Fields.next(dialect, root));
    }

    /** Where servers put what. */
    final class Fields {
        private static final JsonMapper JSON = JsonMapper.shared();

        /** As of models in the configuration. */
        private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,200}");

        private static final String GEMINI_PREFIX = "models/";

        /** Groq; OpenRouter, Together; Mistral; vLLM; Anthropic; Gemini. */
        private static final List<String> WINDOWS =
                List.of(
                        "context_window",
                        "context_length",
                        "max_context_length",
                        "max_model_len",
                        "max_input_tokens",
                        "inputTokenLimit");

        /** Groq; several; Gemini. */
        private static final List<String> OUTPUTS =
                List.of("max_completion_tokens", "max_output_tokens", "outputTokenLimit");

        private Fields() {}

        /** Gemini lists what embeds, too, and says so. */
        private static boolean serves(JsonNode entry) {
            JsonNode methods = entry.path("supportedGenerationMethods");
            return !methods.isArray()
                    || methods.valueStream()
                            .anyMatch(each -> each.asString("").equals("generateContent"));
        }

        private static String id(Dialect dialect, JsonNode entry) {
            if (entry.isString()) {
                return entry.asString();
            }
            for (String field : List.of("id", "model", "name")) {
                JsonNode value = entry.path(field);
                String id = value.isString() ? value.asString() : "";
                if (!id.isEmpty()) {
                    return dialect == Dialect.GEMINI && id.startsWith(GEMINI_PREFIX)
                            ? id.substring(GEMINI_PREFIX.length())
                            : id;
                }
            }
            return "";
        }

        private static @Nullable Long window(JsonNode entry) {
            return first(entry, WINDOWS);
        }

        private static @Nullable Long output(Dialect dialect, JsonNode entry) {
            Long said = first(entry, OUTPUTS);
            if (said == null && dialect == Dialect.ANTHROPIC) {
                said = first(entry, List.of("max_tokens"));
            }
            return said == null
                    ? first(entry.path("top_provider"), OUTPUTS) // OpenRouter
                    : said;
        }

        private static @Nullable Long first(JsonNode entry, List<String> fields) {
            for (String field : fields) {
                JsonNode value = entry.path(field);
                if (value.isIntegralNumber() && value.canConvertToLong() && value.asLong() > 0) {
                    return value.asLong();
                }
            }
            return null;
        }

        private static @Nullable String next(Dialect dialect, JsonNode root) {
            return switch (dialect) {
                case OPENAI -> null;
                case ANTHROPIC ->
                        root.path("has_more").asBoolean(false)
                                ? parameter("after_id", root.path("last_id"))
                                : null;
                case GEMINI -> parameter("pageToken", root.path("nextPageToken"));
            };
        }

        private static @Nullable String parameter(String name, JsonNode value) {
            String text = value.asString("");
            return text.isEmpty()
                    ? null
                    : name + "=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }
}
