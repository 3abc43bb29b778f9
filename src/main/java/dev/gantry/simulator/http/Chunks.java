package dev.gantry.simulator.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The chunked transfer coding. */
public final class Chunks {
    private Chunks() {}

    /** One chunk; the text is not empty, for an empty chunk would end the body. */
    public static byte[] of(String text) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(content.length + 16);
        chunk.writeBytes(ascii(Integer.toHexString(content.length) + "\r\n"));
        chunk.writeBytes(content);
        chunk.writeBytes(ascii("\r\n"));
        return chunk.toByteArray();
    }

    public static byte[] last() {
        return ascii("0\r\n\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
