package dev.gantry.reread;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.Record;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.zip.CRC32C;

/** How much memory a record takes. */
public final class RecordSize {
    /** Bytes of what the client makes of one header beside its name and value. */
    private static final int HEADER_OBJECTS = 128;

    private RecordSize() {}

    /** Bytes that a record takes: its key, its value, and its headers with their objects. */
    public static long of(ConsumerRecord<byte[], byte[]> record) {
        return length(record.key()) + length(record.value()) + of(record.headers());
    }

    /** The same of one as it stands in the log. */
    static long of(Record record) {
        long content = Math.max(0, record.keySize()) + (long) Math.max(0, record.valueSize());
        return content + of(Arrays.asList(record.headers()));
    }

    private static long of(Iterable<Header> headers) {
        long size = 0;
        for (Header each : headers) {
            // A character of a name is no less than a byte, and rarely more.
            size += HEADER_OBJECTS + each.key().length() + length(each.value());
        }
        return size;
    }

    /** Of its key and its value: two records of one place that have the same are the same. */
    public static int checksum(ConsumerRecord<byte[], byte[]> record) {
        CRC32C sum = new CRC32C();
        if (record.key() != null) {
            sum.update(record.key());
        }
        if (record.value() != null) {
            sum.update(record.value());
        }
        return (int) sum.getValue();
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
