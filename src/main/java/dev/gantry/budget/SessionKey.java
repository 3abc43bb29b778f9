package dev.gantry.budget;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.SourcePosition;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Whose money, and for what: a customer's session, else its batch, else the request by itself,
 * however often its record is delivered.
 *
 * @param customer empty: requests that name none share it
 */
public record SessionKey(String customer, Kind kind, String name) {
    private static final int SHOWN = 200;

    /** Of what is not capped. */
    static final SessionKey NONE = new SessionKey("", Kind.REQUEST, "");

    /** A session and a batch of one name are two. */
    enum Kind {
        SESSION(Duration.ofDays(35)),
        BATCH(Duration.ofDays(35)),
        /** By far the most: each request without a session is one. */
        REQUEST(Duration.ofDays(3)),
        /** A topic's, of one date: no call of it ends days later. */
        TOPIC_DAY(Duration.ofDays(3));

        private final Duration kept;

        Kind(Duration kept) {
            this.kept = kept;
        }

        /** How long it is remembered unused; whole days. */
        Duration kept() {
            return kept;
        }
    }

    /** Never the caller's identity: that pays for nothing. */
    public static SessionKey of(InferenceRequest request) {
        String customer = request.options().billing().getOrDefault("customer", "");
        String session = request.options().sessionId();
        if (session != null) {
            return new SessionKey(customer, Kind.SESSION, session);
        }
        return request.batchId() == null
                ? new SessionKey(customer, Kind.REQUEST, record(request.source()))
                : new SessionKey(customer, Kind.BATCH, request.batchId());
    }

    /** Whoever pays for its requests: a topic's cap is the operator's. */
    static SessionKey of(TopicDay day) {
        return new SessionKey("", Kind.TOPIC_DAY, day.toString());
    }

    /** A record that is delivered again is the same request. */
    private static String record(SourcePosition source) {
        return source + " of " + source.timestamp();
    }

    /** The table's key: short, whatever the names are. */
    String id() {
        String whole = customer.length() + ":" + customer + ":" + kind + ":" + name;
        try {
            byte[] text = whole.getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** For people who read the table: short, and nothing that the database refuses. */
    static String shown(String text) {
        String kept = text.length() <= SHOWN ? text : text.substring(0, SHOWN);
        byte[] bytes = kept.replace('\0', ' ').getBytes(StandardCharsets.UTF_8);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
