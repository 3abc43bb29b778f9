package dev.gantry.simulator;

import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.script.ProviderStyle;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/** Whose API a request was made to. */
enum Protocol {
    OPENAI(ProviderStyle.OPENAI),
    ANTHROPIC(ProviderStyle.ANTHROPIC),
    GEMINI(ProviderStyle.GEMINI);

    private static final Map<Integer, String> ANTHROPIC_TYPES =
            Map.of(401, "authentication_error", 404, "not_found_error");

    private final ProviderStyle style;

    Protocol(ProviderStyle style) {
        this.style = style;
    }

    /** Nobody who speaks another protocol writes in OpenAI's style, which is a script's default. */
    ProviderStyle style(ProviderStyle scripted) {
        return scripted == ProviderStyle.OPENAI ? style : scripted;
    }

    static Protocol at(String path) {
        if (path.endsWith("/messages")) {
            return ANTHROPIC;
        }
        boolean generates =
                path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent");
        return generates ? GEMINI : OPENAI;
    }

    /** For what is wrong before any model is asked. */
    Reply error(int status, String said, @Nullable String param, @Nullable String code) {
        return switch (this) {
            case OPENAI -> Reply.json(status, ApiError.of(said, param, code));
            case ANTHROPIC ->
                    Reply.json(
                            status,
                            "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":%s}}"
                                    .formatted(
                                            ANTHROPIC_TYPES.getOrDefault(
                                                    status, "invalid_request_error"),
                                            ApiError.quoted(said)));
            case GEMINI -> status == 401 ? wrongKey() : google(said, "");
        };
    }

    /** Google calls a wrong key an invalid argument. */
    private static Reply wrongKey() {
        return google(
                "API key not valid. Please pass a valid API key.",
                ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\","
                        + "\"reason\":\"API_KEY_INVALID\",\"domain\":\"googleapis.com\"}]");
    }

    private static Reply google(String said, String details) {
        return Reply.json(
                400,
                "{\"error\":{\"code\":400,\"message\":%s,\"status\":\"INVALID_ARGUMENT\"%s}}"
                        .formatted(ApiError.quoted(said), details));
    }
}
