package dev.gantry.request;

import dev.gantry.inference.Trace;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a record's trace context by the rules of W3C Trace Context: what breaks them counts as
 * absent, for a trace is no reason to refuse a request, and it is copied into every event.
 */
final class TraceHeaders {
    /** Of a later version, of which only the beginning is read. */
    private static final int LONGEST_PARENT = 512;

    private static final int LONGEST_STATE = 512;
    private static final int MOST_STATE_MEMBERS = 32;

    private static final Pattern PARENT =
            Pattern.compile(
                    "(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?");

    private static final Pattern STATE_MEMBER =
            Pattern.compile(
                    "(?<key>[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
                            + "=[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]");

    private TraceHeaders() {}

    static Trace read(Headers headers) {
        List<String> parents = texts(headers, "traceparent", LONGEST_PARENT);
        String parent = parents.size() == 1 ? parent(parents.getFirst().strip()) : null;
        if (parent == null) {
            return Trace.NONE;
        }
        return new Trace(parent, state(texts(headers, "tracestate", LONGEST_STATE)));
    }

    /** As version 00, whichever later one it came in: that is the version known here. */
    private static @Nullable String parent(String text) {
        Matcher matcher = PARENT.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        boolean known = matcher.group(1).equals("00");
        return known && matcher.group(3) != null ? null : "00-" + matcher.group(2);
    }

    /** Several headers are one list; empty members are allowed and left out. */
    private static @Nullable String state(List<String> texts) {
        List<String> members = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (String text : String.join(",", texts).split(",", -1)) {
            String member = text.strip();
            if (member.isEmpty()) {
                continue;
            }
            Matcher matcher = STATE_MEMBER.matcher(member);
            if (!matcher.matches() || !keys.add(matcher.group("key"))) {
                return null;
            }
            members.add(member);
        }
        String state = String.join(",", members);
        boolean fits = members.size() <= MOST_STATE_MEMBERS && state.length() <= LONGEST_STATE;
        return fits && !members.isEmpty() ? state : null;
    }

    /** What exceeds a bound is read up to just behind it, so that it is found too long. */
    private static List<String> texts(Headers headers, String name, int longest) {
        List<String> texts = new ArrayList<>();
        for (Header header : headers.headers(name)) {
            byte[] value = header.value();
            if (value != null && texts.size() <= MOST_STATE_MEMBERS) {
                int length = Math.min(value.length, longest + 1);
                texts.add(new String(value, 0, length, StandardCharsets.UTF_8));
            }
        }
        return texts;
    }
}
