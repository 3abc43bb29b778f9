package dev.gantry.inference;

import java.nio.charset.StandardCharsets;

/**
 * A provider's body, kept as its bytes.
 *
 * <p>The array is not copied and must not be written to.
 */
public final class Payload {
    private final byte[] bytes;
    private final boolean json;

    private Payload(byte[] bytes, boolean json) {
        this.bytes = bytes;
        this.json = json;
    }

    /** One well-formed JSON value, on one line: it can stand in a JSONL file as it is. */
    public static Payload json(byte[] bytes) {
        return new Payload(bytes, true);
    }

    /** Anything else: an HTML page, truncated JSON, nothing at all. */
    public static Payload opaque(byte[] bytes) {
        return new Payload(bytes, false);
    }

    public byte[] bytes() {
        return bytes;
    }

    public boolean isJson() {
        return json;
    }

    public int size() {
        return bytes.length;
    }

    /** Decoded as UTF-8, broken sequences replaced. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Names the size only: answers never reach a log. */
    @Override
    public String toString() {
        return "Payload[" + bytes.length + " bytes]";
    }
}
