package dev.gantry.classification;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What an error body says, whatever envelopes it is wrapped in: arrays, {@code error} members, JSON
 * inside a message, server-sent events. Read as a stream, so that a body which is cut short, by its
 * sender or by the limit, has said what stands before the cut. Members that may echo the prompt are
 * not read.
 */
final class ErrorBody {
    /** Of any body, no more than this is read. */
    static final int LIMIT = 64 * 1024;

    private static final int DEPTH_LIMIT = 8;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Set<String> CODES =
            Set.of("code", "type", "__type", "status", "reason", "error_code", "error_type");
    private static final Set<String> MORE_CODES =
            Set.of(
                    "provider_error_code",
                    "quotaId",
                    "status_code",
                    "raw_status_code",
                    "blockReason",
                    "stop_reason");
    private static final Set<String> TEXTS =
            Set.of("message", "Message", "msg", "error", "detail", "description", "raw", "title");
    private static final Set<String> MORE_TEXTS =
            Set.of("error_msg", "error_message", "status_msg", "errmsg", "errors");
    private static final Set<String> ENVELOPES =
            Set.of("error", "errors", "detail", "details", "message", "metadata", "violations");
    private static final Set<String> MORE_ENVELOPES =
            Set.of("innererror", "response", "base_resp", "promptFeedback", "header");
    private static final Set<String> WAITS =
            Set.of("retrydelay", "retry_after", "retry_after_seconds", "resets_in_seconds");
    private static final String ESTIMATE = "estimated_time";

    private final Set<String> codes = new LinkedHashSet<>();
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> headers = new HashMap<>();
    private @Nullable String code;
    private @Nullable String type;
    private @Nullable Integer status;
    private @Nullable String wait;

    static ErrorBody of(Payload body) {
        ErrorBody read = new ErrorBody();
        String start = Wording.start(body.bytes(), LIMIT).strip();
        if (!read.parsed(start, 0) && read.text.isEmpty()) {
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

    /** How long to stay away: seconds, or an amount with its unit. */
    @Nullable String retryDelay() {
        return wait;
    }

    /** Headers of an upstream that a gateway hands on inside its body; names in lower case. */
    Map<String, String> headers() {
        return headers;
    }

    /** False if this is no JSON, or not all of it. */
    private boolean parsed(String json, int depth) {
        if (depth > DEPTH_LIMIT || !(json.startsWith("{") || json.startsWith("["))) {
            return false;
        }
        try (JsonParser parser = JSON.createParser(json)) {
            value("", parser.nextToken(), parser, depth);
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

    private void value(String name, @Nullable JsonToken token, JsonParser parser, int depth) {
        if (token == JsonToken.START_OBJECT && depth <= DEPTH_LIMIT) {
            members(parser, depth + 1);
        } else if (token == JsonToken.START_ARRAY && depth <= DEPTH_LIMIT) {
            elements(name, parser, depth + 1);
        } else if (token == JsonToken.VALUE_STRING && isText(name)) {
            wording(parser.getString(), depth);
        } else if (token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            fact(name, parser.getString());
        } else {
            parser.skipChildren();
        }
    }

    private void members(JsonParser parser, int depth) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "headers" -> upstream(parser);
                case "choices" -> choices(parser, depth);
                default -> {
                    if (!token.isStructStart() || isEnvelope(name)) {
                        value(name, token, parser, depth);
                    } else {
                        parser.skipChildren();
                    }
                }
            }
        }
    }

    private void elements(String name, JsonParser parser, int depth) {
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            value(name, token, parser, depth);
        }
    }

    /** An answer that broke off may hold its error there, beside words that are the model's. */
    private void choices(JsonParser parser, int depth) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                choice(parser, depth + 2);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void choice(JsonParser parser, int depth) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("error")) {
                value(name, token, parser, depth);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void upstream(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (parser.nextToken().isScalarValue()) {
                headers.put(name.toLowerCase(Locale.ROOT), parser.getString());
            } else {
                parser.skipChildren();
            }
        }
    }

    private static boolean isText(String name) {
        return TEXTS.contains(name) || MORE_TEXTS.contains(name);
    }

    private static boolean isEnvelope(String name) {
        return ENVELOPES.contains(name) || MORE_ENVELOPES.contains(name);
    }

    /** The words may be an envelope, or hold one: a gateway quotes what its upstream said. */
    private void wording(String value, int depth) {
        String words = value.strip();
        if (parsed(words, depth + 1)) {
            return;
        }
        say(words);
        int open = words.indexOf('{');
        int close = words.lastIndexOf('}');
        if (open > 0 && close > open) {
            parsed(words.substring(open, close + 1), depth + 1);
        }
    }

    private void say(String words) {
        if (text.length() < Wording.LIMIT) {
            text.append(text.isEmpty() ? "" : " / ")
                    .append(words, 0, Math.min(words.length(), Wording.LIMIT));
        }
    }

    private void fact(String name, String value) {
        String key = name.toLowerCase(Locale.ROOT);
        if (WAITS.contains(key) || (key.equals(ESTIMATE) && wait == null)) {
            wait = value;
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
