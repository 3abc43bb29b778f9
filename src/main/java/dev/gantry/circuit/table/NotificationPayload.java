package dev.gantry.circuit.table;

import dev.gantry.fleet.SchemaName;

/** What goes over the channel: whose news it is, never what the news are. */
public record NotificationPayload(SchemaName schema, String writer) {
    /** What a payload is to this worker. */
    public enum Meaning {
        /** Somebody else has changed the table. */
        NEWS,
        /** This worker's own echo has come back. */
        ECHO,
        /** Nothing: another schema's, or our own. */
        NOISE
    }

    public String news() {
        return schema + " news " + writer;
    }

    public String echo() {
        return schema + " echo " + writer;
    }

    public Meaning meaning(String payload) {
        if (payload.equals(echo())) {
            return Meaning.ECHO;
        }
        return payload.startsWith(schema + " news ") && !payload.equals(news())
                ? Meaning.NEWS
                : Meaning.NOISE;
    }
}
