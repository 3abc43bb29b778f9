package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;

/**
 * A request about to be sent.
 *
 * @param target path and query, as they stand in the request line
 * @param headers whole lines of printable ASCII, each with its line break; may hold secrets
 */
public record Outgoing(String target, String headers, Translation.Body body) {

    /** Leaves headers and body out. */
    @Override
    public String toString() {
        return "Outgoing[" + target + ", " + body.length() + " bytes]";
    }
}
