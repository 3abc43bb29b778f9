package dev.gantry.event;

import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;
import dev.gantry.secret.Scrubber;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A record that is no request, as it came, with the reason in its headers. */
final class DeadLetter {
    private DeadLetter() {}

    static OutboundRecord of(String topic, Rejection rejection) {
        SourceRecord record = rejection.record();
        return new OutboundRecord(topic, record.key(), headers(rejection), record.value());
    }

    /** For when the record itself is larger than the topic takes: where it stands is kept. */
    static OutboundRecord withoutValue(String topic, Rejection rejection) {
        SourceRecord record = rejection.record();
        List<Header> headers = headers(rejection);
        byte[] value = record.value();
        int size = value == null ? 0 : value.length;
        headers.add(header("gantry-value-omitted", size + " bytes"));
        return new OutboundRecord(topic, record.key(), headers, null);
    }

    private static List<Header> headers(Rejection rejection) {
        List<Header> headers = new ArrayList<>();
        for (SourceRecord.Header each : rejection.record().headers()) {
            headers.add(new RecordHeader(each.name(), each.value()));
        }
        SourcePosition source = rejection.record().position();
        headers.add(header("gantry-error-code", rejection.code().label()));
        headers.add(header("gantry-error-message", Scrubber.scrub(rejection.message())));
        headers.add(header("gantry-source-topic", source.topic()));
        headers.add(header("gantry-source-partition", Integer.toString(source.partition())));
        headers.add(header("gantry-source-offset", Long.toString(source.offset())));
        headers.add(header("gantry-source-timestamp", Long.toString(source.timestamp())));
        return headers;
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
