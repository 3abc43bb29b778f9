package dev.gantry.provider.openai;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Server-sent events (WHATWG HTML, section 9.2) of a whole answer: their data, comments left out.
 */
final class EventStream {
    private static final String TYPE = "text/event-stream";
    private static final List<String> FIELDS = List.of("data:", "event:", "id:", "retry:", ":");
    private static final int LONGEST_FIELD = 6;

    private final List<Event> events = new ArrayList<>();
    private final StringBuilder data = new StringBuilder();
    private @Nullable String name;

    /**
     * @param name the event's field of this name; null for the unnamed
     */
    record Event(@Nullable String name, String data) {}

    private EventStream() {}

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

    /** Events without data are left out; the last counts also where no blank line ends it. */
    static List<Event> read(byte[] body) {
        EventStream stream = new EventStream();
        new String(body, StandardCharsets.UTF_8).lines().forEach(stream::line);
        stream.dispatch();
        return stream.events;
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
            case "data" -> {
                // Many servers leave out the blank line between two events of one line each.
                if (!data.isEmpty() && whole(data)) {
                    dispatch();
                }
                data.append(data.isEmpty() ? "" : "\n").append(value.stripLeading());
            }
            case "event" -> name = value.strip();
            default -> {}
        }
    }

    /**
     * Whether the data so far closes what it opened; only a hint that the next is another event.
     */
    private static boolean whole(StringBuilder data) {
        String text = data.toString();
        return text.equals("[DONE]")
                || (text.startsWith("{") && text.stripTrailing().endsWith("}"));
    }

    private void dispatch() {
        if (!data.isEmpty()) {
            events.add(new Event(name, data.toString()));
        }
        data.setLength(0);
        name = null;
    }
}
