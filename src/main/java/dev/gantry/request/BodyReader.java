package dev.gantry.request;

import dev.gantry.inference.Capability;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Operation.MemberRole;
import dev.gantry.inference.RequestBody;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over a request's body: where its members stand and what routing needs to know of them.
 */
final class BodyReader {
    private static final double CHARS_PER_TOKEN = 4.0;
    private static final double JSON_CHARS_PER_TOKEN = 3.5;
    private static final int TOKENS_PER_MESSAGE = 4;

    /** Types of blocks that hold a picture; a base64 source is one until it says otherwise. */
    private static final Set<String> PICTURES =
            Set.of("image", "image_url", "input_image", "base64");

    /** What nearly every message and tool is made of. */
    private static final Set<String> USUAL =
            Set.of("text", "image_url", "function", "object", "refusal");

    /** So many are told: an input has some ten that are known, but not to every dialect. */
    private static final int MOST_FORMS = 24;

    private static final int LONGEST_FORM = 64;

    private final Operation operation;
    private final JsonText json;
    private final JsonParser parser;
    private final byte[] bytes;
    private final List<RequestBody.Member> members = new ArrayList<>();
    private final Set<Capability> needs = EnumSet.noneOf(Capability.class);
    private final Map<String, Long> limits = new HashMap<>();
    private Set<String> forms = Set.of();

    private @Nullable String model;
    private @Nullable String serviceTier;
    private boolean mediaElsewhere;
    private long choices = 1;
    private long prompts = 1;
    private long longestPrompt;
    private long allPrompts;
    private long textChars;
    private long jsonChars;
    private long tokens;

    BodyReader(Operation operation, JsonText json, byte[] bytes) {
        this.operation = operation;
        this.json = json;
        this.parser = json.parser();
        this.bytes = bytes;
    }

    /** The parser stands on the body's opening brace. */
    RequestBody read() {
        int start = json.start();
        json.members(
                "body",
                (name, token) -> {
                    int nameStart = json.nameStart();
                    int valueStart = json.start();
                    value(name, token);
                    members.add(new RequestBody.Member(name, nameStart, valueStart, json.end()));
                });
        return new RequestBody(bytes, start, json.end(), members, facts());
    }

    private void value(String name, JsonToken token) {
        String member = JsonText.member("body", name);
        switch (name) {
            case "model" -> model = json.text(member, OptionsReader.MAX_TEXT);
            case "service_tier" -> serviceTier = json.text(member, OptionsReader.MAX_TEXT);
            case "stream" -> stream(member);
            default -> {
                MemberRole role = operation.members().get(name);
                if (role == null) {
                    parser.skipChildren();
                } else {
                    value(role, name, member, token);
                }
            }
        }
    }

    /** Whether an answer streams is its operation's matter, not that of a lane. */
    private void stream(String member) {
        boolean wanted = Boolean.TRUE.equals(json.flag(member));
        if (wanted && !operation.streams()) {
            throw new InvalidRequest(
                    "%s: true is not false, and %s have no stream"
                            .formatted(member, operation.label()));
        }
        needIf(Capability.STREAMING, wanted);
    }

    private void value(MemberRole role, String name, String member, JsonToken token) {
        switch (role) {
            case LIMIT -> limit(name, member);
            case CHOICES -> choices = Math.max(choices, orOne(json.count(member, 1)));
            case MESSAGES -> messages(member);
            case TOOLS -> tools(member);
            case CONTENT -> textChars += content();
            case REMEMBERED -> {
                mediaElsewhere |= token != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case PROMPTS -> prompts();
            case SCHEMA -> schema(token);
            case THINKING -> needIf(Capability.THINKING, new ThinkingOptions(json).wanted(token));
        }
    }

    /** -1 is how some servers write that there is none. */
    private void limit(String name, String member) {
        Long limit = json.count(member, -1);
        if (limit != null && limit >= 0) {
            limits.put(name, limit);
        }
    }

    /** The model reads a schema as it reads a tool. */
    private void schema(JsonToken token) {
        int start = json.start();
        parser.skipChildren();
        jsonChars += token == JsonToken.START_OBJECT ? json.end() - start : 0;
    }

    private void messages(String member) {
        if (!json.array(member)) {
            return;
        }
        int index = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw json.wrong(member + "[" + index + "]", "an object");
            }
            textChars += content();
            tokens += TOKENS_PER_MESSAGE;
            index++;
        }
    }

    private void prompts() {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            textChars += content();
            return;
        }
        long count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            // A list of plain tokens, or of parts, is one.
            boolean part = parser.currentToken() == JsonToken.START_OBJECT;
            boolean token = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
            long before = tokens;
            long chars = content();
            textChars += chars;
            if (token) {
                tokens++;
            } else if (!part) {
                long estimate = tokens - before + (long) Math.floor(chars / CHARS_PER_TOKEN);
                longestPrompt = Math.max(longestPrompt, estimate);
                allPrompts += estimate;
                count++;
            }
        }
        prompts = Math.max(1, count);
    }

    private void tools(String member) {
        if (!json.array(member)) {
            return;
        }
        int start = json.start();
        boolean any = parser.nextToken() != JsonToken.END_ARRAY;
        while (parser.currentToken() != JsonToken.END_ARRAY) {
            tool();
            parser.nextToken();
        }
        needIf(Capability.TOOLS, any);
        jsonChars += any ? json.end() - start : 0;
    }

    /** Only a tool's own type says what it is: its parameters have types of their own. */
    private void tool() {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals("type")) {
                form(parser.getString());
            } else {
                parser.skipChildren();
            }
        }
    }

    private void form(String type) {
        if (!USUAL.contains(type) && forms.size() < MOST_FORMS) {
            Set<String> more = new HashSet<>(forms);
            more.add(type.length() > LONGEST_FORM ? type.substring(0, LONGEST_FORM) : type);
            forms = more;
        }
    }

    /** Counts the characters of all text below the current token; notes images on the way. */
    private long content() {
        if (!parser.currentToken().isStructStart()) {
            return parser.currentToken() == JsonToken.VALUE_STRING ? text("") : 0;
        }
        long chars = 0;
        int depth = 1;
        String name = "";
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            switch (token) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case PROPERTY_NAME -> {
                    name = parser.currentName();
                    needIf(Capability.VISION, name.equals("image_url"));
                }
                case VALUE_STRING -> chars += text(name);
                // A token array: the input of an embedding, already tokenised.
                case VALUE_NUMBER_INT -> tokens++;
                default -> {}
            }
        }
        return chars;
    }

    /** Characters of one text; media is not text, and a role or a type is the envelope. */
    private long text(String name) {
        return switch (name) {
            case "role", "media_type" -> 0;
            case "type" -> {
                String type = parser.getString();
                needIf(Capability.VISION, PICTURES.contains(type));
                mediaElsewhere |= type.equals("item_reference");
                form(type);
                yield 0;
            }
            case "file_id" -> {
                mediaElsewhere = true;
                form(name);
                yield 0;
            }
            case "url", "image_url", "file_url", "video_url", "audio_url", "uri", "file_uri" -> {
                mediaElsewhere |= !parser.getString().startsWith(InlineMedia.DATA_URL);
                yield 0;
            }
            case "data", "file_data" -> 0;
            default -> {
                InlineMedia media = InlineMedia.of(parser);
                needIf(Capability.VISION, media == InlineMedia.PICTURE);
                yield media == InlineMedia.NONE ? parser.getStringLength() : 0;
            }
        };
    }

    private void needIf(Capability capability, boolean needed) {
        if (needed) {
            needs.add(capability);
        }
    }

    private RequestBody.Facts facts() {
        long estimate =
                tokens
                        + (long) Math.ceil(textChars / CHARS_PER_TOKEN)
                        + (long) Math.ceil(jsonChars / JSON_CHARS_PER_TOKEN);
        return new RequestBody.Facts(
                model,
                needs,
                Math.max(1, estimate),
                Math.max(1, estimate - allPrompts + longestPrompt),
                mediaElsewhere,
                requestedOutput(),
                operation.limitField(),
                allChoices(),
                serviceTier,
                forms);
    }

    private long allChoices() {
        if (!operation.tokens().hasOutput()) {
            return choices;
        }
        return choices > Long.MAX_VALUE / prompts ? Long.MAX_VALUE : choices * prompts;
    }

    private @Nullable Long requestedOutput() {
        for (String each : operation.limits()) {
            Long limit = limits.get(each);
            if (limit != null) {
                return limit;
            }
        }
        return null;
    }

    private static long orOne(@Nullable Long value) {
        return value == null ? 1 : value;
    }
}
