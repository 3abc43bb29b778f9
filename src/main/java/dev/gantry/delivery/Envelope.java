package dev.gantry.delivery;

import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The key and the CloudEvents attributes that all records of one request, or circuit, share,
 * encoded once.
 */
final class Envelope {
    private static final Header SPEC_VERSION = header("ce_specversion", "1.0");
    private static final Header JSON = header("content-type", "application/json");

    private final byte[] key;
    private final List<Header> shared;

    private Envelope(Header source, String subject, String key) {
        this.key = key.getBytes(StandardCharsets.UTF_8);
        this.shared = new ArrayList<>(7);
        shared.add(SPEC_VERSION);
        shared.add(source);
        shared.add(header("ce_subject", subject));
        shared.add(new RecordHeader("ce_partitionkey", this.key));
    }

    static Header source(Origin origin) {
        return header("ce_source", origin.source());
    }

    static Envelope of(Header source, InferenceRequest request) {
        return new Envelope(source, request.subject(), request.id().value())
                .ofRequest(request.trace().traceparent());
    }

    /** For what happens to a circuit: no request, and nobody who pays. */
    static Envelope ofCircuit(Header source, String circuit) {
        Envelope envelope = new Envelope(source, circuit, circuit);
        envelope.shared.add(JSON);
        return envelope;
    }

    /** For a record that never became a request. */
    static Envelope anonymous(Header source, String requestId) {
        return new Envelope(source, "anonymous", requestId).ofRequest(null);
    }

    private Envelope ofRequest(@Nullable String traceparent) {
        shared.add(new RecordHeader("ce_correlationid", key));
        if (traceparent != null) {
            shared.add(header("ce_traceparent", traceparent));
        }
        shared.add(JSON);
        return this;
    }

    OutboundRecord seal(String topic, EventMark mark, byte[] value) {
        List<Header> headers = new ArrayList<>(shared.size() + 4);
        headers.addAll(shared);
        headers.add(header("ce_type", mark.type()));
        headers.add(header("ce_id", mark.id()));
        headers.add(header("ce_time", Rfc3339.of(mark.time())));
        headers.add(header("ce_recordedtime", Rfc3339.of(mark.recorded())));
        return new OutboundRecord(topic, key, headers, value);
    }

    /**
     * What one event's attributes say of itself.
     *
     * @param time when what it tells of happened
     * @param recorded when its bytes were made
     */
    record EventMark(String type, String id, Instant time, Instant recorded) {}

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
