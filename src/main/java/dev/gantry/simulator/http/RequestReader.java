package dev.gantry.simulator.http;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Reads one HTTP/1.1 request. */
final class RequestReader {
    private static final int MOST_HEAD = 64 << 10;
    private static final int MOST_BODY = 64 << 20;
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final ServerConnection connection;
    private int headBytes;

    RequestReader(ServerConnection connection) {
        this.connection = connection;
    }

    /** Null if the stream ends before a request begins. */
    @Nullable HttpRequest read() throws IOException {
        String first = text();
        if (first == null) {
            return null;
        }
        String[] parts = first.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new ProtocolException("not an HTTP/1.1 request line");
        }
        Map<String, String> headers = headers();
        if (parts[2].equals("HTTP/1.0")) {
            headers.putIfAbsent("connection", "close");
        }
        if ("100-continue".equalsIgnoreCase(headers.get("expect"))) {
            connection.write(CONTINUE);
        }
        return new HttpRequest(parts[0], path(parts[1]), headers, body(headers));
    }

    private static String path(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String text = owed(); !text.isEmpty(); text = owed()) {
            int colon = text.indexOf(':');
            if (colon < 1) {
                throw new ProtocolException("a header line without a name");
            }
            headers.putIfAbsent(
                    text.substring(0, colon).toLowerCase(Locale.ROOT),
                    text.substring(colon + 1).strip());
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String coding = headers.get("transfer-encoding");
        if (coding != null) {
            if (!coding.equalsIgnoreCase("chunked")) {
                throw new ProtocolException("transfer-encoding: only chunked is known");
            }
            return chunks();
        }
        return exactly(size(headers.getOrDefault("content-length", "0"), 10));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size = chunkSize();
        while (size > 0) {
            if (body.size() + size > MOST_BODY) {
                throw new ProtocolException("a body of more than %d bytes".formatted(MOST_BODY));
            }
            body.writeBytes(exactly(size));
            owed();
            size = chunkSize();
        }
        headers(); // the trailer, which ends the body
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        headBytes = 0;
        String text = owed();
        int extension = text.indexOf(';');
        return size(extension < 0 ? text : text.substring(0, extension), 16);
    }

    private static int size(String text, int radix) throws ProtocolException {
        try {
            int size = Integer.parseUnsignedInt(text.strip(), radix);
            if (size >= 0 && size <= MOST_BODY) {
                return size;
            }
        } catch (NumberFormatException _) {
            throw new ProtocolException("a body length that is no number");
        }
        throw new ProtocolException("a body of more than %d bytes".formatted(MOST_BODY));
    }

    private byte[] exactly(int size) throws IOException {
        byte[] bytes = new byte[size];
        if (!connection.read(bytes)) {
            throw new EOFException("the stream ended within a body");
        }
        return bytes;
    }

    private String owed() throws IOException {
        String text = text();
        if (text == null) {
            throw new EOFException("the stream ended within a head");
        }
        return text;
    }

    /** The text up to the next line break, null if the stream ends before its first byte. */
    private @Nullable String text() throws IOException {
        StringBuilder text = new StringBuilder(80);
        int next = connection.read();
        if (next < 0) {
            return null;
        }
        while (next != '\n') {
            if (next < 0) {
                throw new EOFException("the stream ended within a line");
            }
            if (++headBytes > MOST_HEAD) {
                throw new ProtocolException("a head of more than %d bytes".formatted(MOST_HEAD));
            }
            text.append((char) next);
            next = connection.read();
        }
        int length = text.length();
        if (length > 0 && text.charAt(length - 1) == '\r') {
            text.setLength(length - 1);
        }
        return text.toString();
    }
}
