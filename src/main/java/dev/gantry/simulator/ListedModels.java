package dev.gantry.simulator;

import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.http.Reply;

import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which models there are, as each provider says it.
 *
 * @param start of the script in force
 */
record ListedModels(List<String> models, Instant start) {
    private static final String TAGS = "/api/tags";
    private static final Pattern PATH = Pattern.compile("/v1(?:beta|alpha)?/models|" + TAGS);

    static boolean isList(String path) {
        return PATH.matcher(path).matches();
    }

    /** Whoever comes with a dialect's header or by its path is answered in its form. */
    Reply list(HttpRequest request) {
        if (request.path().equals(TAGS)) {
            return all("{\"models\":[%s]}", ListedModels::tag);
        }
        if (request.path().startsWith("/v1beta") || request.path().startsWith("/v1alpha")) {
            return all("{\"models\":[%s]}", ListedModels::gemini);
        }
        return request.header("anthropic-version") == null
                ? all("{\"object\":\"list\",\"data\":[%s]}", this::openAi)
                : all("{\"data\":[%s],\"has_more\":false}", this::anthropic);
    }

    Reply model(String name) {
        if (models.contains(name)) {
            return Reply.json(200, openAi(name));
        }
        String said = "The model '%s' does not exist".formatted(name);
        return Reply.json(404, ApiError.of(said, "model", "model_not_found"));
    }

    private Reply all(String form, Function<String, String> entry) {
        return Reply.json(
                200, form.formatted(models.stream().map(entry).collect(Collectors.joining(","))));
    }

    private String openAi(String model) {
        return "{\"id\":%s,\"object\":\"model\",\"created\":%d,\"owned_by\":\"simulator\"}"
                .formatted(ApiError.quoted(model), start.getEpochSecond());
    }

    private String anthropic(String model) {
        return "{\"type\":\"model\",\"id\":%1$s,\"display_name\":%1$s,\"created_at\":\"%2$s\"}"
                .formatted(ApiError.quoted(model), start);
    }

    private static String gemini(String model) {
        return "{\"name\":%s,\"inputTokenLimit\":1048576,\"outputTokenLimit\":65536,"
                        .formatted(ApiError.quoted("models/" + model))
                + "\"supportedGenerationMethods\":[\"generateContent\",\"countTokens\"]}";
    }

    private static String tag(String model) {
        return "{\"name\":%1$s,\"model\":%1$s,\"size\":1}".formatted(ApiError.quoted(model));
    }
}
