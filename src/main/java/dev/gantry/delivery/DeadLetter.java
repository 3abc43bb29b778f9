package dev.gantry.delivery;

import dev.gantry.audit.Scrubber;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A record that is no request, as it came, with the reason in its headers. */
final class DeadLetter {
    private DeadLetter() {}

    static OutboundRecord of(
            String topic, ConsumerRecord<byte[], byte[]> record, Rejection rejection) {
        return new OutboundRecord(topic, record.key(), headers(record, rejection), record.value());
    }

    /** For when the record itself is larger than the topic takes: where it stands is kept. */
    static OutboundRecord withoutValue(
            String topic, ConsumerRecord<byte[], byte[]> record, Rejection rejection) {
        List<Header> headers = headers(record, rejection);
        int size = record.value() == null ? 0 : record.value().length;
        headers.add(header("gantry-value-omitted", size + " bytes"));
        return new OutboundRecord(topic, record.key(), headers, null);
    }

    private static List<Header> headers(
            ConsumerRecord<byte[], byte[]> record, Rejection rejection) {
        List<Header> headers = new ArrayList<>();
        record.headers().forEach(headers::add);
        headers.add(header("gantry-error-code", rejection.code()));
        headers.add(header("gantry-error-message", Scrubber.scrub(rejection.message())));
        headers.add(header("gantry-source-topic", record.topic()));
        headers.add(header("gantry-source-partition", Integer.toString(record.partition())));
        headers.add(header("gantry-source-offset", Long.toString(record.offset())));
        headers.add(header("gantry-source-timestamp", Long.toString(record.timestamp())));
        return headers;
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
