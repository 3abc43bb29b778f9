package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.io.JsonStringEncoder;

/** The error body of the OpenAI API, for what is wrong before any model is asked. */
final class ApiError {
    private ApiError() {}

    static String of(String message, @Nullable String param, @Nullable String code) {
        return """
        {
          "error": {
            "message": %s,
            "type": "invalid_request_error",
            "param": %s,
            "code": %s
          }
        }"""
                .formatted(quoted(message), quoted(param), quoted(code));
    }

    /** A JSON string, or null. */
    static String quoted(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder json = new StringBuilder(text.length() + 16).append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        return json.append('"').toString();
    }
}
