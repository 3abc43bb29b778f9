package dev.gantry.classification;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What an error body says, whatever envelopes it is wrapped in: arrays, {@code error} members, JSON
 * inside a message, server-sent events. Members that may echo the prompt are not read.
 */
final class ErrorBody {
    private static final int PARSE_LIMIT = 64 * 1024;
    private static final int DEPTH_LIMIT = 8;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> CODES =
            Set.of("code", "type", "__type", "status", "reason", "error_code", "error_type");
    private static final Set<String> MORE_CODES =
            Set.of("provider_error_code", "quotaId", "status_code", "raw_status_code");
    private static final Set<String> TEXTS =
            Set.of("message", "Message", "msg", "error", "detail", "description", "raw");
    private static final Set<String> ENVELOPES =
            Set.of("error", "errors", "detail", "details", "message", "metadata", "violations");
    private static final Set<String> MORE_ENVELOPES = Set.of("innererror", "response");

    private final Set<String> codes = new LinkedHashSet<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable String code;
    private @Nullable String type;
    private @Nullable Integer status;
    private @Nullable String retryDelay;

    static ErrorBody of(Payload body) {
        ErrorBody read = new ErrorBody();
        String start = start(body);
        if (body.size() > PARSE_LIMIT || !read.parsed(start, 0)) {
            read.plain(start);
        }
        return read;
    }

    /** In lower case. */
    Set<String> codes() {
        return codes;
    }

    /** What the body says in words; empty where it says nothing. */
    String text() {
        return text.toString();
    }

    /** The most telling code as the provider writes it. */
    @Nullable String code() {
        return code != null ? code : type;
    }

    /** An HTTP status that the body names. */
    @Nullable Integer status() {
        return status;
    }

    /** Google's RetryInfo. */
    @Nullable String retryDelay() {
        return retryDelay;
    }

    private static String start(Payload body) {
        String all = body.size() > PARSE_LIMIT ? Wording.start(body.bytes()) : body.text();
        return all.strip();
    }

    private boolean parsed(String json, int depth) {
        if (!json.startsWith("{") && !json.startsWith("[")) {
            return false;
        }
        try {
            walk(JSON.readTree(json), depth);
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** Server-sent events carry JSON; pages of HTML say nothing that could be trusted. */
    private void plain(String start) {
        if (start.startsWith("data:") || start.startsWith("event:")) {
            start.lines()
                    .filter(line -> line.startsWith("data:"))
                    .forEach(line -> parsed(line.substring("data:".length()).strip(), 0));
        } else if (!start.startsWith("<")) {
            say(start);
        }
    }

    private void walk(JsonNode node, int depth) {
        if (depth > DEPTH_LIMIT) {
            return;
        }
        if (node.isArray()) {
            node.forEach(each -> walk(each, depth + 1));
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String name = member.getKey();
            JsonNode value = member.getValue();
            if (value.isString() && TEXTS.contains(name)) {
                wording(value.stringValue(), depth);
            } else if (value.isValueNode() && !value.isNull()) {
                fact(name, value.asString());
            } else if (ENVELOPES.contains(name) || MORE_ENVELOPES.contains(name)) {
                walk(value, depth + 1);
            }
        }
    }

    private void wording(String value, int depth) {
        if (!parsed(value.strip(), depth + 1)) {
            say(value);
        }
    }

    private void say(String words) {
        if (text.length() < Wording.LIMIT) {
            text.append(text.isEmpty() ? "" : " / ")
                    .append(words, 0, Math.min(words.length(), Wording.LIMIT));
        }
    }

    private void fact(String name, String value) {
        if (name.equals("retryDelay")) {
            retryDelay = value;
        }
        if (!CODES.contains(name) && !MORE_CODES.contains(name)) {
            return;
        }
        codes.add(value.substring(value.indexOf('#') + 1).toLowerCase(Locale.ROOT));
        if (name.equals("type") && !value.equals("error")) {
            type = type == null ? value : type;
        } else if (isStatus(value)) {
            status = status == null ? Integer.valueOf(value) : status;
        } else if (name.equals("code")) {
            code = code == null ? value : code;
        }
    }

    private static boolean isStatus(String value) {
        return value.length() == 3
                && value.chars().allMatch(c -> c >= '0' && c <= '9')
                && value.charAt(0) >= '4'
                && value.charAt(0) <= '5';
    }
}
