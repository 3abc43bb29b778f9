package dev.gantry.simulator.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A whole HTTP answer. */
public record Reply(int status, Map<String, String> headers, String body) {
    private static final Map<Integer, String> REASONS =
            Map.ofEntries(
                    Map.entry(200, "OK"),
                    Map.entry(400, "Bad Request"),
                    Map.entry(401, "Unauthorized"),
                    Map.entry(403, "Forbidden"),
                    Map.entry(404, "Not Found"),
                    Map.entry(405, "Method Not Allowed"),
                    Map.entry(429, "Too Many Requests"),
                    Map.entry(500, "Internal Server Error"),
                    Map.entry(502, "Bad Gateway"),
                    Map.entry(503, "Service Unavailable"));

    public static Reply json(int status, String body) {
        return new Reply(status, Map.of("content-type", "application/json"), body);
    }

    public Reply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, body);
    }

    public Reply with(Map<String, String> added) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.putAll(added);
        return new Reply(status, more, body);
    }

    /** Head and body in one array, so that they leave in one packet where they fit. */
    public byte[] bytes() {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = head("content-length: " + content.length);
        byte[] whole = new byte[head.length + content.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(content, 0, whole, head.length, content.length);
        return whole;
    }

    /** The status line and headers, with the header that tells how long the body is. */
    public byte[] head(String framing) {
        StringBuilder head = new StringBuilder(512);
        head.append("HTTP/1.1 ").append(status).append(' ');
        head.append(REASONS.getOrDefault(status, "Status")).append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append(framing).append("\r\n\r\n");
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
