package dev.gantry.inference;

import java.nio.charset.StandardCharsets;

/**
 * A provider's body, kept as its bytes.
 *
 * <p>The array is not copied and must not be written to.
 */
public final class Payload {
    private static final byte[] NONE = {};

    private final byte[] bytes;
    private final boolean json;
    private final int size;

    private Payload(byte[] bytes, boolean json, int size) {
        this.bytes = bytes;
        this.json = json;
        this.size = size;
    }

    /** One well-formed JSON value, on one line: it can stand in a JSONL file as it is. */
    public static Payload json(byte[] bytes) {
        return new Payload(bytes, true, bytes.length);
    }

    /** Anything else: an HTML page, truncated JSON, nothing at all. */
    public static Payload opaque(byte[] bytes) {
        return new Payload(bytes, false, bytes.length);
    }

    public byte[] bytes() {
        return bytes;
    }

    public boolean isJson() {
        return json;
    }

    /** As it came, also once the bytes have been dropped. */
    public int size() {
        return size;
    }

    /** What is left of it where its bytes are no longer needed: no bytes, but their number. */
    Payload dropped() {
        return bytes.length == 0 ? this : new Payload(NONE, false, size);
    }

    /** Decoded as UTF-8, broken sequences replaced. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Names the size only: answers never reach a log. */
    @Override
    public String toString() {
        return "Payload[" + size + " bytes]";
    }
}
