package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;

import java.util.Map;

/**
 * A request about to be sent.
 *
 * @param target path and query, as they stand in the request line
 * @param headers may hold secrets
 */
public record Outgoing(String target, Map<String, String> headers, Translation.Body body) {

    /** Leaves headers and body out. */
    @Override
    public String toString() {
        return "Outgoing[" + target + ", " + body.length() + " bytes]";
    }
}
