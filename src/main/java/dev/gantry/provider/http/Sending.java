package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;

/**
 * A request as it goes out. May hold secrets.
 *
 * @param head all of it, with the blank line at its end
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Sending(String method, byte[] head, Translation.Body body) {

    /** Names the size only. */
    @Override
    public String toString() {
        return "Sending[" + method + ", " + body.length() + " bytes]";
    }
}
