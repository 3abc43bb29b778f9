package dev.gantry.provider.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * A request about to be sent.
 *
 * @param target path and query, as they stand in the request line
 * @param headers may hold secrets
 */
public record Outgoing(String target, Map<String, String> headers, Body body) {

    /** Bytes of a known number, written once. */
    public interface Body {
        long length();

        void writeTo(OutputStream out) throws IOException;
    }

    /** Leaves headers and body out. */
    @Override
    public String toString() {
        return "Outgoing[" + target + ", " + body.length() + " bytes]";
    }
}
