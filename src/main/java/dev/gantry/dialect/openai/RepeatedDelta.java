package dev.gantry.dialect.openai;

import dev.gantry.dialect.JsonBytes;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A chunk of which only the text differs from one to the next, as in most streams nearly all do:
 * what is the same byte for byte need not be parsed again.
 */
final class RepeatedDelta {
    private final byte[] before;
    private final byte[] behind;

    private RepeatedDelta(byte[] before, byte[] behind) {
        this.before = before;
        this.behind = behind;
    }

    /** Null: there is more to this one than a text. */
    static @Nullable RepeatedDelta of(ObjectNode chunk, byte[] json) {
        JsonNode choice = chunk.path("choices").path(0);
        JsonNode content = choice.path("delta").path("content");
        boolean plain =
                chunk.path("choices").size() == 1
                        && content.isString()
                        && onlyOf(choice, "index", "delta")
                        && onlyOf(choice.path("delta"), "role", "content");
        if (!plain) {
            return null;
        }
        String text = new String(json, StandardCharsets.ISO_8859_1);
        String name = text.contains("\"content\":\"") ? "\"content\":\"" : "\"content\": \"";
        int start = text.indexOf(name) + name.length();
        int end = text.indexOf('"', start);
        boolean once = text.contains(name) && text.indexOf(name, start) < 0;
        return !once || text.substring(start, end).contains("\\")
                ? null
                : new RepeatedDelta(
                        Arrays.copyOf(json, start), Arrays.copyOfRange(json, end, json.length));
    }

    private static boolean onlyOf(JsonNode object, String one, String other) {
        return object.properties().stream()
                .allMatch(
                        each ->
                                each.getKey().equals(one)
                                        || each.getKey().equals(other)
                                        || JoinedStream.blank(each.getValue()));
    }

    /** The text of another one; null: it differs in more than that, or its text is escaped. */
    @Nullable String text(byte[] json) {
        int start = before.length;
        int end = json.length - behind.length;
        if (end <= start
                || !Arrays.equals(json, 0, start, before, 0, start)
                || !Arrays.equals(json, end, json.length, behind, 0, behind.length)) {
            return null;
        }
        boolean ascii = true;
        for (int at = start; at < end; at++) {
            if (json[at] == '"' || json[at] == '\\' || (json[at] >= 0 && json[at] < ' ')) {
                return null;
            }
            ascii &= json[at] >= 0;
        }
        return ascii || JsonBytes.isUtf8(Arrays.copyOfRange(json, start, end))
                ? new String(json, start, end - start, StandardCharsets.UTF_8)
                : null;
    }
}
