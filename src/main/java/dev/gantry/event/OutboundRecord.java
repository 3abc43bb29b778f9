package dev.gantry.event;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A Kafka record ready to go, as bytes: sent again, it is the same record.
 *
 * <p>The arrays are not copied and must not be written to.
 */
public final class OutboundRecord {
    /** What the batch format adds at most to a record, its share of the batch header included. */
    private static final int OVERHEAD = 128;

    private final String topic;
    private final byte @Nullable [] key;
    private final Header[] headers;
    private final byte @Nullable [] value;
    private final long size;

    public OutboundRecord(
            String topic,
            byte @Nullable [] key,
            List<? extends Header> headers,
            byte @Nullable [] value) {
        this.topic = topic;
        this.key = key;
        this.headers = headers.toArray(Header[]::new);
        this.value = value;
        this.size = size(key, this.headers, value);
    }

    public String topic() {
        return topic;
    }

    public byte @Nullable [] key() {
        return key;
    }

    public List<Header> headers() {
        return List.of(headers);
    }

    public byte @Nullable [] value() {
        return value;
    }

    /** Bytes on the wire before compression, rounded up. */
    public long size() {
        return size;
    }

    private static long size(byte @Nullable [] key, Header[] headers, byte @Nullable [] value) {
        long size = OVERHEAD + length(key) + length(value);
        for (Header header : headers) {
            // Two lengths of at most five bytes each.
            size += header.key().length() + length(header.value()) + 10L;
        }
        return size;
    }

    public ProducerRecord<byte[], byte[]> forProducer() {
        return new ProducerRecord<>(topic, null, null, key, value, Arrays.asList(headers));
    }

    /** Names what it is, never what it says. */
    @Override
    public String toString() {
        String id =
                Arrays.stream(headers)
                        .filter(header -> header.key().equals("ce_id"))
                        .map(header -> new String(header.value(), StandardCharsets.UTF_8))
                        .findFirst()
                        .orElse("without id");
        return "OutboundRecord[" + topic + ", " + id + ", " + size + " bytes]";
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
