package dev.gantry.event;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Who speaks: the fleet, and this process of it.
 *
 * @param deployment one name per fleet; the source of every event, so that a record sent by another
 *     worker is the same event
 * @param worker this instance's name
 * @param build this program's version
 */
public record Origin(String deployment, String worker, String build) {
    /** The CloudEvents source. */
    String source() {
        try {
            return new URI(null, null, "/gantry/" + deployment, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("deployment " + deployment + ": no URI path", e);
        }
    }
}
