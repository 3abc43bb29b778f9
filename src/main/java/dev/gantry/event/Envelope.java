package dev.gantry.event;

import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The key and the CloudEvents attributes that all records of one request share, encoded once. */
public final class Envelope {
    private static final Header SPEC_VERSION = header("ce_specversion", "1.0");
    private static final Header JSON = header("content-type", "application/json");

    private final byte[] key;
    private final Header[] shared;

    private Envelope(Header source, String subject, String key, List<Header> more) {
        this.key = key.getBytes(StandardCharsets.UTF_8);
        List<Header> headers = new ArrayList<>(7);
        headers.add(SPEC_VERSION);
        headers.add(source);
        headers.add(header("ce_subject", subject));
        headers.add(new RecordHeader("ce_partitionkey", this.key));
        headers.addAll(more);
        headers.add(JSON);
        this.shared = headers.toArray(Header[]::new);
    }

    public static Header source(Origin origin) {
        return header("ce_source", origin.source());
    }

    public static Envelope of(Header source, InferenceRequest request) {
        String id = request.id().value();
        Header correlation = header("ce_correlationid", id);
        String trace = request.trace().traceparent();
        return new Envelope(
                source,
                request.subject(),
                id,
                trace == null
                        ? List.of(correlation)
                        : List.of(correlation, header("ce_traceparent", trace)));
    }

    /** For a record that never became a request. */
    static Envelope anonymous(Header source, String requestId) {
        return new Envelope(
                source, "anonymous", requestId, List.of(header("ce_correlationid", requestId)));
    }

    /** For what is about a lane or an instance, and about no request. */
    public static Envelope about(Header source, String target) {
        return new Envelope(source, target, target, List.of());
    }

    OutboundRecord seal(String topic, EventMark mark, byte[] value) {
        int count = shared.length;
        String label = mark.label();
        Header[] headers = Arrays.copyOf(shared, count + (label == null ? 4 : 5));
        headers[count] = header("ce_type", mark.type());
        headers[count + 1] = header("ce_id", mark.id());
        headers[count + 2] = new RecordHeader("ce_time", Rfc3339.bytes(mark.time()));
        headers[count + 3] = new RecordHeader("ce_recordedtime", Rfc3339.bytes(mark.recorded()));
        if (label != null) {
            headers[count + 4] = header("ce_label", label);
        }
        return new OutboundRecord(topic, key, Arrays.asList(headers), value);
    }

    /**
     * What one event's attributes say of itself.
     *
     * @param time when what it tells of happened
     * @param recorded when its bytes were made
     * @param label of the policy in force; null: none
     */
    record EventMark(
            String type, String id, Instant time, Instant recorded, @Nullable String label) {
        EventMark labelled(String value) {
            return new EventMark(type, id, time, recorded, value);
        }
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
