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

    /** Names of members are compared in lower case: some houses write them with a capital. */
    private static final Set<String> CODES =
            Set.of("code", "type", "__type", "status", "reason", "error_code", "error_type");

    private static final Set<String> MORE_CODES =
            Set.of(
                    "provider_error_code",
                    "quotaid",
                    "err_code",
                    "errorcode",
                    "status_code",
                    "raw_status_code",
                    "blockreason",
                    "stop_reason");
    private static final Set<String> TEXTS =
            Set.of("message", "msg", "error", "detail", "description", "raw", "title");
    private static final Set<String> MORE_TEXTS =
            Set.of(
                    "error_msg",
                    "error_message",
                    "status_msg",
                    "errmsg",
                    "errormsg",
                    "errormessage",
                    "faultstring",
                    "errors");
    private static final Set<String> ENVELOPES =
            Set.of("error", "errors", "detail", "details", "message", "metadata", "violations");
    private static final Set<String> MORE_ENVELOPES =
            Set.of(
                    "innererror",
                    "upstream_error",
                    "response",
                    "responsemetadata",
                    "base_resp",
                    "promptfeedback",
                    "fault",
                    "header");

    /** Without what joins their words; in seconds, or with a unit. */
    private static final Set<String> WAITS =
            Set.of(
                    "retrydelay",
                    "retryafter",
                    "retryafterseconds",
                    "retryaftersec",
                    "retryaftersecs",
                    "retryin",
                    "retryinseconds",
                    "resetsin",
                    "resetsinseconds",
                    "resetinseconds",
                    "resetafter",
                    "resetafterseconds",
                    "waitseconds",
                    "waittime",
                    "cooldownseconds",
                    "quotaresetdelay");

    private static final Set<String> WAITS_IN_MILLIS =
            Set.of("retryafterms", "retryaftermillis", "retryaftermilliseconds", "retryinms");

    /** When it ends, or a guess: only where nothing else is said. */
    private static final Set<String> ENDS =
            Set.of(
                    "estimatedtime",
                    "resetat",
                    "resetsat",
                    "resettime",
                    "retryat",
                    "availableat",
                    "quotaresettimestamp");

    /** A place in a line is the far side's load, whatever status it comes with. */
    private static final Set<String> LINES =
            Set.of("isqueued", "queuecount", "queueposition", "queuetype", "positioninqueue");

    static final String QUEUED = "gantry.queued";

    private final Set<String> codes = new LinkedHashSet<>();
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> headers = new HashMap<>();
    private @Nullable String code;
    private @Nullable String type;
    private @Nullable Integer status;
    private @Nullable String wait;
    private @Nullable String end;
    private boolean page;

    static ErrorBody of(Payload body) {
        ErrorBody read = new ErrorBody();
        String start = Wording.start(body.bytes(), LIMIT).strip();
        if (!read.parsed(start, 0) && read.text.isEmpty() && !read.parsed(start + '"', 0)) {
            read.unparsed(start);
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

    /** How long to stay away: seconds, an amount with its unit, or an instant. */
    @Nullable String retryDelay() {
        return wait != null ? wait : end;
    }

    /** A page of HTML says nothing that could be trusted; that it is one says where it is from. */
    boolean isPage() {
        return page;
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
            parser.nextToken(); // refuses what goes on as a sentence: [400]: no
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** A sentence that the limit, or the sender, has cut was read up to there. */
    private void unparsed(String start) {
        if (text.isEmpty()) {
            plain(start);
        }
    }

    /** Server-sent events carry JSON; pages of HTML say nothing that could be trusted. */
    private void plain(String start) {
        if (start.startsWith("data:") || start.startsWith("event:")) {
            start.lines()
                    .filter(line -> line.startsWith("data:"))
                    .forEach(line -> parsed(line.substring("data:".length()).strip(), 0));
        } else if (start.startsWith("<")) {
            page = true;
        } else {
            say(start);
        }
    }

    private void value(String name, @Nullable JsonToken token, JsonParser parser, int depth) {
        if (token == JsonToken.START_OBJECT && depth <= DEPTH_LIMIT) {
            members(parser, depth + 1);
        } else if (token == JsonToken.START_ARRAY && depth <= DEPTH_LIMIT) {
            elements(name, parser, depth + 1);
        } else if (token == JsonToken.VALUE_STRING && isText(name)) {
            wording(name, parser.getString(), depth);
        } else if (token != null && token.isScalarValue() && token != JsonToken.VALUE_NULL) {
            fact(name, parser.getString());
        } else {
            parser.skipChildren();
        }
    }

    private void members(JsonParser parser, int depth) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName().toLowerCase(Locale.ROOT);
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
        return name.isEmpty() || TEXTS.contains(name) || MORE_TEXTS.contains(name);
    }

    private static boolean isEnvelope(String name) {
        return ENVELOPES.contains(name) || MORE_ENVELOPES.contains(name);
    }

    /** The words may be an envelope, or hold one: a gateway quotes what its upstream said. */
    private void wording(String name, String value, int depth) {
        String words = value.strip();
        if (parsed(words, depth + 1)) {
            return;
        }
        if (isMarkup(words)) {
            page = true;
            return;
        }
        if (name.equals("error") && words.indexOf('_') > 0 && Wording.isCode(words)) {
            fact("code", words);
        }
        say(words);
        int open = words.indexOf('{');
        int close = words.lastIndexOf('}');
        if (open >= 0 && close > open) {
            String inner = words.substring(open, close + 1);
            if (!parsed(inner, depth + 1)) {
                parsed(PythonText.asJson(inner), depth + 1);
            }
        }
    }

    /** An SDK hands on a page that it could not read as the message. */
    private static boolean isMarkup(String words) {
        return words.regionMatches(true, 0, "<!doctype", 0, 9)
                || words.regionMatches(true, 0, "<html", 0, 5);
    }

    private void say(String words) {
        if (text.length() < Wording.LIMIT) {
            text.append(text.isEmpty() ? "" : " / ")
                    .append(words, 0, Math.min(words.length(), Wording.LIMIT));
        }
    }

    private void fact(String name, String value) {
        String key = name.replace("_", "").replace("-", "");
        waiting(key, value);
        if (LINES.contains(key) && !value.equals("false")) {
            codes.add(QUEUED);
        }
        if (CODES.contains(name) || MORE_CODES.contains(name)) {
            code(name, value.substring(value.indexOf('#') + 1));
        }
    }

    private void waiting(String key, String value) {
        if (WAITS.contains(key)) {
            wait = value;
        } else if (WAITS_IN_MILLIS.contains(key)) {
            wait = value + "ms";
        } else if (ENDS.contains(key)) {
            end = value;
        }
    }

    /** What has not the shape of a code may be anything, the prompt included. */
    private void code(String name, String value) {
        if (!Wording.isCode(value)) {
            return;
        }
        codes.add(value.toLowerCase(Locale.ROOT));
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
