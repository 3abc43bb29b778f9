package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Set;

/**
 * Reads requests of the Responses API, the Messages API and generateContent, as strictly as these
 * do.
 */
final class TranslatedReader {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> MESSAGES =
            words(
                    """
                    model messages max_tokens system temperature top_p top_k stop_sequences stream
                    tools tool_choice thinking output_config metadata service_tier""");

    private static final Set<String> GENERATE =
            words(
                    """
                    contents systemInstruction tools toolConfig generationConfig safetySettings
                    cachedContent""");

    private static final Set<String> RESPONSES =
            words(
                    """
                    model input instructions max_output_tokens temperature top_p top_logprobs
                    tools tool_choice parallel_tool_calls max_tool_calls text reasoning stream
                    stream_options previous_response_id conversation background include store
                    metadata prompt truncation user safety_identifier prompt_cache_key
                    prompt_cache_retention service_tier""");

    private TranslatedReader() {}

    private static Set<String> words(String text) {
        return Set.of(text.split("\\s+", -1));
    }

    static Question responses(byte[] body) throws BadQuestion {
        JsonNode json = json(body);
        for (String name : json.propertyNames()) {
            if (!RESPONSES.contains(name)) {
                throw new BadQuestion(
                        "Unknown parameter: '" + name + "'.", name, "unknown_parameter");
            }
        }
        JsonNode input = json.path("input");
        if (!input.isString() && !input.isArray()) {
            throw new BadQuestion(
                    "Missing required parameter: 'input'.", "input", "missing_required_parameter");
        }
        if (json.path("background").asBoolean(false)) {
            throw new BadQuestion("background is not simulated", "background", "unsupported_value");
        }
        boolean streams = json.path("stream").asBoolean(false);
        Question.Form form = streams ? Question.Form.RESPONSE_STREAM : Question.Form.RESPONSE;
        String model = needed(json, "model").asString("");
        return question(model, form, limit(json.path("max_output_tokens")), json, body);
    }

    static Question messages(byte[] body) throws BadQuestion {
        JsonNode json = json(body);
        for (String name : json.propertyNames()) {
            if (!MESSAGES.contains(name) && !name.startsWith("anthropic_")) {
                throw new BadQuestion(name + ": Extra inputs are not permitted", name, null);
            }
        }
        JsonNode model = needed(json, "model");
        int limit = needed(json, "max_tokens").asInt(0);
        if (limit < 1) {
            throw new BadQuestion(
                    "max_tokens: Input should be greater than or equal to 1", "max_tokens", null);
        }
        turns(needed(json, "messages"), "messages", "content", "assistant");
        JsonNode temperature = json.path("temperature");
        if (temperature.isNumber() && temperature.doubleValue() > 1) {
            throw new BadQuestion("temperature: range: 0..1", "temperature", null);
        }
        JsonNode budget = json.at("/thinking/budget_tokens");
        if (budget.isNumber() && (budget.asInt() < 1024 || budget.asInt() >= limit)) {
            throw new BadQuestion(
                    "`max_tokens` must be greater than `thinking.budget_tokens`.", null, null);
        }
        Question.Form form =
                json.path("stream").asBoolean(false)
                        ? Question.Form.MESSAGES_STREAM
                        : Question.Form.MESSAGES;
        return question(model.asString(""), form, limit, json, body);
    }

    static Question generate(String model, Question.Form form, byte[] body) throws BadQuestion {
        JsonNode json = json(body);
        for (String name : json.propertyNames()) {
            if (!GENERATE.contains(name)) {
                throw new BadQuestion(
                        "Invalid JSON payload received. Unknown name \"%s\": Cannot find field."
                                .formatted(name),
                        name,
                        null);
            }
        }
        turns(json.path("contents"), "contents", "parts", "model");
        JsonNode limit = json.at("/generationConfig/maxOutputTokens");
        return question(model, form, limit(limit), json, body);
    }

    private static @Nullable Integer limit(JsonNode limit) {
        return limit.isNumber() ? Integer.valueOf(limit.intValue()) : null;
    }

    /** Both want somebody to have said something. */
    private static void turns(JsonNode turns, String name, String content, String other)
            throws BadQuestion {
        if (!turns.isArray() || turns.isEmpty()) {
            throw new BadQuestion(name + ": at least one message is required", name, null);
        }
        for (JsonNode each : turns) {
            String role = each.path("role").asString("");
            if (!role.equals("user") && !role.equals(other)) {
                throw new BadQuestion(name + ": Unexpected role \"" + role + "\".", name, null);
            }
            JsonNode said = each.path(content);
            if (said.isString() ? said.stringValue().isEmpty() : said.isEmpty()) {
                throw new BadQuestion(
                        name + ": all messages must have non-empty content", name, null);
            }
        }
    }

    private static JsonNode json(byte[] body) throws BadQuestion {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JacksonException _) {
            throw BadQuestion.notJson();
        }
        throw BadQuestion.notJson();
    }

    private static JsonNode needed(JsonNode json, String name) throws BadQuestion {
        JsonNode value = json.get(name);
        if (value == null) {
            throw new BadQuestion(name + ": Field required", name, null);
        }
        return value;
    }

    private static Question question(
            String model, Question.Form form, @Nullable Integer limit, JsonNode json, byte[] body) {
        return new Question(
                model,
                form,
                limit,
                0,
                0,
                body.length,
                List.copyOf(json.propertyNames()),
                Question.fingerprint(body));
    }
}
