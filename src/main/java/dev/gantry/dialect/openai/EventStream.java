package dev.gantry.dialect.openai;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Server-sent events (WHATWG HTML, section 9.2) of a whole answer: their data, comments left out.
 */
final class EventStream {
    private static final String TYPE = "text/event-stream";
    private static final List<String> FIELDS = List.of("data:", "event:", "id:", "retry:", ":");
    private static final int LONGEST_FIELD = 6;

    private final Consumer<Event> events;
    private final StringBuilder data = new StringBuilder();
    private @Nullable String name;

    /** Of the data so far, as far as it is JSON. */
    private int depth;

    private boolean inText;
    private boolean escaped;

    /**
     * @param name the event's field of this name; null for the unnamed
     */
    record Event(@Nullable String name, String data) {}

    private EventStream(Consumer<Event> events) {
        this.events = events;
    }

    /** By its type, or by its first line: some servers call a stream JSON. */
    static boolean is(Map<String, String> headers, byte[] body) {
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
     * Tells the events in order; those without data are left out, and the last counts also where no
     * blank line ends it.
     */
    static void read(byte[] body, Consumer<Event> events) {
        EventStream stream = new EventStream(events);
        int start = 0;
        for (int at = 0; at <= body.length; at++) {
            if (at == body.length || body[at] == '\n' || body[at] == '\r') {
                stream.line(new String(body, start, at - start, StandardCharsets.UTF_8));
                // A carriage return and a line feed are one end.
                boolean both = at + 1 < body.length && body[at] == '\r' && body[at + 1] == '\n';
                at += both ? 1 : 0;
                start = at + 1;
            }
        }
        stream.dispatch();
    }

    private void line(String line) {
        if (line.isEmpty()) {
            dispatch();
            return;
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line.strip() : line.substring(0, colon).strip();
        String value = colon < 0 ? "" : line.substring(colon + 1);
        switch (field) {
            case "data" -> data(value.stripLeading());
            case "event" -> name = value.strip();
            default -> {}
        }
    }

    /** Many servers leave out the blank line between two events of one line each. */
    private void data(String value) {
        if (whole()) {
            dispatch();
        }
        data.append(data.isEmpty() ? "" : "\n").append(value);
        value.chars().forEach(this::follow);
    }

    private void follow(int next) {
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

    /** Whether the data so far closes all that it opened: what follows is another event. */
    private boolean whole() {
        return !data.isEmpty()
                && (data.charAt(0) == '{' || data.charAt(0) == '[')
                && depth == 0
                && !inText;
    }

    private void dispatch() {
        if (!data.isEmpty()) {
            events.accept(new Event(name, data.toString()));
        }
        data.setLength(0);
        name = null;
        depth = 0;
        inText = false;
        escaped = false;
    }
}
