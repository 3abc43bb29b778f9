package dev.gantry.dialect;

import java.io.IOException;
import java.io.OutputStream;

/** What became of a request on its way into a dialect. */
public sealed interface Translation {
    /**
     * It can be sent.
     *
     * @param path below the base url, which ends in the API's version
     */
    record WireRequest(String path, Body body) implements Translation {}

    /**
     * It cannot be said in that dialect, and nothing is sent.
     *
     * @param why names the member, where that stands and what is allowed; no word of the caller's
     */
    record Untranslatable(String why) implements Translation {}

    /** Bytes of a known number, written once. */
    interface Body {
        long length();

        void writeTo(OutputStream out) throws IOException;
    }
}
