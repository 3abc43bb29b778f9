package dev.gantry.simulator.http;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One request as read off the line. Not a record: a body of bytes has no useful equality. */
public final class HttpRequest {
    /** Azure's, Anthropic's, Google's. */
    private static final List<String> KEYS = List.of("api-key", "x-api-key", "x-goog-api-key");

    private final String method;
    private final String path;
    private final Map<String, String> headers;
    private final byte[] body;

    /**
     * @param path without the query
     * @param headers names in lower case, first value each
     */
    HttpRequest(String method, String path, Map<String, String> headers, byte[] body) {
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    public @Nullable String header(String name) {
        return headers.get(name);
    }

    public byte[] body() {
        return body;
    }

    public boolean keepsAlive() {
        String connection = headers.getOrDefault("connection", "");
        return !connection.toLowerCase(Locale.ROOT).contains("close");
    }

    /** The API key in any of the usual places, null if there is none. */
    public @Nullable String apiKey() {
        String bearer = headers.get("authorization");
        if (bearer != null && bearer.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return bearer.substring(7).strip();
        }
        for (String name : KEYS) {
            if (headers.get(name) != null) {
                return headers.get(name);
            }
        }
        return null;
    }
}
