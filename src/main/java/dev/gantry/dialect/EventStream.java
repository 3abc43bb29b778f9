package dev.gantry.dialect;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Server-sent events (WHATWG HTML, section 9.2) as their bytes come: their data, comments left out.
 * Bytes may be cut anywhere, within a character and between a carriage return and its line feed
 * too. For one thread and one stream.
 */
public final class EventStream {
    private static final String TYPE = "text/event-stream";
    private static final List<String> FIELDS = List.of("data:", "event:", "id:", "retry:", ":");
    private static final int LONGEST_FIELD = 6;

    /** A line that has no end yet. */
    private final Pending line = new Pending();

    private final Pending data = new Pending();
    private @Nullable String name;

    /** The last line ended in a carriage return: a line feed that follows belongs to it. */
    private boolean returned;

    private boolean begun;

    /** How far the data has been followed, and what it had open there, as far as it is JSON. */
    private int followed;

    private int depth;
    private boolean inText;
    private boolean escaped;

    /**
     * One of them.
     *
     * @param name the event's field of this name; null for the unnamed
     * @param data not empty; the taker's own
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Event(@Nullable String name, byte[] data) {}

    /** By its type, or by its first line: some servers call a stream JSON. */
    public static boolean is(Map<String, String> headers, byte[] body) {
        int first = 0;
        while (first < body.length && Character.isWhitespace(body[first])) {
            first++;
        }
        if (first < body.length && (body[first] == '{' || body[first] == '[')) {
            return false;
        }
        int length = Math.min(body.length - first, LONGEST_FIELD);
        String head = new String(body, first, length, StandardCharsets.ISO_8859_1);
        String type = headers.getOrDefault("content-type", "").toLowerCase(Locale.ROOT);
        return type.startsWith(TYPE) || FIELDS.stream().anyMatch(head::startsWith);
    }

    /**
     * Takes the next bytes, and tells the events that they complete, in order; those without data
     * are left out.
     *
     * @param length of {@code bytes}, from its beginning
     */
    public void take(byte[] bytes, int length, Consumer<Event> events) {
        int start = 0;
        for (int at = 0; at < length; at++) {
            if (bytes[at] != '\n' && bytes[at] != '\r') {
                returned = false;
                continue;
            }
            boolean second = returned && bytes[at] == '\n';
            if (!second) {
                line.add(bytes, start, at);
                endLine(events);
            }
            returned = bytes[at] == '\r';
            start = at + 1;
        }
        line.add(bytes, start, length);
    }

    /** Nothing follows: the last event counts also where no blank line ends it. */
    public void end(Consumer<Event> events) {
        endLine(events);
        dispatch(events);
    }

    /** How many bytes wait for the end of their event. */
    public int pending() {
        return line.length + data.length;
    }

    private void endLine(Consumer<Event> events) {
        int from = !begun && line.startsWithMark() ? 3 : 0;
        begun |= line.length > 0;
        if (line.length == from) {
            dispatch(events);
        } else {
            field(from, events);
        }
        line.clear();
    }

    private void field(int from, Consumer<Event> events) {
        int colon = from;
        while (colon < line.length && line.bytes[colon] != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, line.length);
        switch (line.text(from, colon)) {
            case "data" -> data(value, events);
            case "event" -> name = line.text(value, line.length);
            default -> {}
        }
    }

    /** Many servers leave out the blank line between two events of one line each. */
    private void data(int from, Consumer<Event> events) {
        if (data.length > 0 && whole()) {
            dispatch(events);
        }
        if (data.length > 0) {
            data.add('\n');
        }
        int value = from;
        while (value < line.length && Character.isWhitespace(line.bytes[value])) {
            value++;
        }
        data.add(line.bytes, value, line.length);
    }

    /** Whether the data so far closes all that it opened: what follows is another event. */
    private boolean whole() {
        if (data.bytes[0] != '{' && data.bytes[0] != '[') {
            return false;
        }
        for (; followed < data.length; followed++) {
            follow(data.bytes[followed]);
        }
        return depth == 0 && !inText;
    }

    private void follow(byte next) {
        if (inText) {
            inText = escaped || next != '"';
            escaped = !escaped && next == '\\';
        } else if (next == '"') {
            inText = true;
        } else if (next == '{' || next == '[') {
            depth++;
        } else if (next == '}' || next == ']') {
            depth--;
        }
    }

    private void dispatch(Consumer<Event> events) {
        if (data.length > 0) {
            events.accept(new Event(name, Arrays.copyOf(data.bytes, data.length)));
        }
        data.clear();
        name = null;
        followed = 0;
        depth = 0;
        inText = false;
        escaped = false;
    }

    /** Bytes that grow. */
    private static final class Pending {
        private static final int USUAL = 1024;

        private byte[] bytes = new byte[USUAL];
        private int length;

        void add(byte[] from, int start, int end) {
            room(end - start);
            System.arraycopy(from, start, bytes, length, end - start);
            length += end - start;
        }

        void add(char ascii) {
            room(1);
            bytes[length++] = (byte) ascii;
        }

        private void room(int more) {
            if (bytes.length - length < more) {
                bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * length));
            }
        }

        /** A large one is rare, and its room is not kept. */
        void clear() {
            bytes = length > 16 * USUAL ? new byte[USUAL] : bytes;
            length = 0;
        }

        boolean startsWithMark() {
            return length >= 3
                    && bytes[0] == (byte) 0xEF
                    && bytes[1] == (byte) 0xBB
                    && bytes[2] == (byte) 0xBF;
        }

        String text(int from, int to) {
            return new String(bytes, from, to - from, StandardCharsets.UTF_8).strip();
        }
    }
}
