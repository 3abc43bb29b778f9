package dev.gantry.request;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A record's JSON, read token by token. A member of the wrong type is an error that names the
 * member, never taken as absent or false (contract, request).
 */
final class JsonText {
    /** Deeper than any real tool schema; a bracket bomb ends here. */
    static final int MAX_DEPTH = 200;

    /** Each costs memory many times its bytes; the largest real body has some forty. */
    static final int MAX_MEMBERS = 1000;

    /** Of lists that nobody writes long. */
    static final int MAX_ENTRIES = 64;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(1000)
                                    .build())
                    .build();

    /** Text of the record in a parser's message; not a single character. */
    private static final Pattern QUOTED = Pattern.compile(" ?(?:'[^']{2,}'|\"[^\"]{2,}\")");

    /** What stands here is neither a prompt nor a person's, wherever else it should have stood. */
    private static final String QUOTABLE = "gantry.routing.";

    private final JsonParser parser;
    private int nameStart;

    JsonText(byte[] bytes) {
        this.parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length);
    }

    JsonParser parser() {
        return parser;
    }

    /**
     * Reads one member's value; the parser stands on its first token and must be left on its last.
     */
    interface MemberReader {
        void read(String name, JsonToken token) throws JacksonException;
    }

    /**
     * Walks the members of the object that the parser stands on; a member that stands twice is an
     * error, as are more than {@link #MAX_MEMBERS}.
     */
    void members(String path, MemberReader reader) {
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (!seen.add(name)) {
                throw new InvalidRequest(member(path, name) + ": the member stands twice");
            }
            if (seen.size() > MAX_MEMBERS) {
                throw new InvalidRequest(
                        (path.isEmpty() ? "value" : path)
                                + ": more members than the "
                                + MAX_MEMBERS
                                + " allowed");
            }
            int opening = start();
            JsonToken token = parser.nextToken();
            nameStart = opening;
            reader.read(name, token);
        }
    }

    /** Index of the opening quote of the name of the member just entered. */
    int nameStart() {
        return nameStart;
    }

    static String member(String path, String name) {
        String shown = name.length() <= 64 ? name : name.substring(0, 64) + "…";
        return path.isEmpty() ? shown : path + "." + shown;
    }

    /** Text or JSON null. */
    @Nullable String text(String member) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NULL -> null;
            default -> throw wrong(member, "a text");
        };
    }

    /** Text of at most so many characters, or JSON null: it is copied into events. */
    @Nullable String text(String member, int longest) {
        String text = text(member);
        return text == null ? null : bounded(member, text, longest);
    }

    static String bounded(String member, String text, int longest) {
        if (text.length() > longest) {
            throw new InvalidRequest(
                    "%s: %d characters are more than the %d allowed"
                            .formatted(member, text.length(), longest));
        }
        return text;
    }

    /** True, false or JSON null. */
    @Nullable Boolean flag(String member) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw wrong(member, "true or false");
        };
    }

    /** A whole number of at least so many and at most 16 digits, or JSON null. */
    @Nullable Long count(String member, long least) {
        return number(member, least, Long.MAX_VALUE, "a whole number of at least " + least);
    }

    /** A whole number within these bounds, or JSON null. */
    @Nullable Integer number(String member, int least, int most) {
        String allowed = "a whole number of %d to %d".formatted(least, most);
        Long number = number(member, least, most, allowed);
        return number == null ? null : number.intValue();
    }

    private @Nullable Long number(String member, long least, long most, String allowed) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
            throw wrong(member, allowed);
        }
        String written = parser.getString();
        if (written.length() > 16
                || parser.getLongValue() < least
                || parser.getLongValue() > most) {
            throw InvalidRequest.wrongType(member, shorten(written), allowed);
        }
        return parser.getLongValue();
    }

    /** Milliseconds, at least so many, or JSON null. */
    @Nullable Duration millis(String member, long least) {
        Long millis = count(member, least);
        return millis == null ? null : Duration.ofMillis(millis);
    }

    /**
     * Walks the members of the object that stands here; JSON null has none.
     *
     * @param reader of a member's name and path; the parser stands on its value
     */
    void membersOf(String path, BiConsumer<String, String> reader) {
        if (object(path)) {
            members(path, (name, _) -> reader.accept(name, member(path, name)));
        }
    }

    /** Walks the entries of the array that the parser stands on. */
    void entries(String path, Consumer<String> reader) {
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count >= MAX_ENTRIES) {
                throw new InvalidRequest(
                        "%s: more entries than the %d allowed".formatted(path, MAX_ENTRIES));
            }
            reader.accept(path + "[" + count++ + "]");
        }
    }

    /**
     * An object of text members, at most {@code maxBytes} of names and values; JSON null is empty.
     */
    Map<String, String> texts(String member, int maxBytes) {
        Map<String, String> texts = new HashMap<>();
        if (!object(member)) {
            return texts;
        }
        int[] size = {0};
        members(
                member,
                (name, token) -> {
                    String value = text(member(member, name));
                    size[0] += utf8Length(name) + (value == null ? 0 : utf8Length(value));
                    if (value != null && size[0] <= maxBytes) {
                        texts.put(name, value);
                    }
                });
        if (size[0] > maxBytes) {
            throw new InvalidRequest(
                    member + ": " + size[0] + " bytes are more than the " + maxBytes + " allowed");
        }
        return texts;
    }

    /** Whether an object begins here; false for JSON null. */
    boolean object(String member) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> true;
            case VALUE_NULL -> false;
            default -> throw wrong(member, "an object");
        };
    }

    /** Whether an array begins here; false for JSON null. */
    boolean array(String member) {
        return switch (parser.currentToken()) {
            case START_ARRAY -> true;
            case VALUE_NULL -> false;
            default -> throw wrong(member, "an array");
        };
    }

    /** Index after the last byte of the value just read. */
    int end() {
        parser.finishToken();
        return (int) parser.currentLocation().getByteOffset();
    }

    /** Index of the first byte of the current token. */
    int start() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    InvalidRequest wrong(String member, String allowed) {
        String found =
                switch (parser.currentToken()) {
                    case START_OBJECT -> "an object";
                    case START_ARRAY -> "an array";
                    case VALUE_STRING ->
                            member.startsWith(QUOTABLE)
                                    ? '"' + shorten(parser.getString()) + '"'
                                    : "a text";
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> shorten(parser.getString());
                    case VALUE_TRUE -> "true";
                    case VALUE_FALSE -> "false";
                    case VALUE_NULL -> "null";
                    default -> "this";
                };
        return InvalidRequest.wrongType(member, found, allowed);
    }

    /** Says what breaks the JSON and where; the words there may be a prompt's. */
    static String notJson(JacksonException error) {
        String what = QUOTED.matcher(String.valueOf(error.getOriginalMessage())).replaceAll("");
        long at = error.getLocation() == null ? -1 : error.getLocation().getByteOffset();
        return "value: not JSON: " + what + (at < 0 ? "" : " (at byte " + at + ")");
    }

    static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static int utf8Length(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }
}
