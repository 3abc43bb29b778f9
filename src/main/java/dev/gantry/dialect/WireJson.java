package dev.gantry.dialect;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.OutputStream;

/** A body that was written for one call. */
public final class WireJson implements Translation.Body {
    private final byte[] bytes;

    private WireJson(byte[] bytes) {
        this.bytes = bytes;
    }

    /** On one line. */
    public static WireJson of(JsonNode json) {
        return new WireJson(ChatBody.JSON.writeValueAsBytes(json));
    }

    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    /** Names the size only: prompts never reach a log. */
    @Override
    public String toString() {
        return "WireJson[" + bytes.length + " bytes]";
    }
}
