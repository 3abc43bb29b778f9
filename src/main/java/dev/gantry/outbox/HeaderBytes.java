package dev.gantry.outbox;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A record's headers as one array: name and value of each, both with their length (four bytes) in
 * front; -1 is the length of a value that is absent.
 */
final class HeaderBytes {
    private static final int ABSENT = -1;

    private HeaderBytes() {}

    /** Null: there are none. */
    static byte @Nullable [] of(List<Header> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        List<byte[]> names = new ArrayList<>(headers.size());
        int size = 0;
        for (Header each : headers) {
            byte[] name = each.key().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            size += 2 * Integer.BYTES + name.length + length(each.value());
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        for (int each = 0; each < headers.size(); each++) {
            byte[] value = headers.get(each).value();
            bytes.putInt(names.get(each).length).put(names.get(each));
            if (value == null) {
                bytes.putInt(ABSENT);
            } else {
                bytes.putInt(value.length).put(value);
            }
        }
        return bytes.array();
    }

    /**
     * @throws IllegalArgumentException or {@link java.nio.BufferUnderflowException} if the bytes
     *     are damaged
     */
    static List<Header> read(byte @Nullable [] stored) {
        List<Header> headers = new ArrayList<>();
        if (stored == null) {
            return headers;
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        while (bytes.hasRemaining()) {
            byte[] name = take(bytes, bytes.getInt());
            int length = bytes.getInt();
            headers.add(
                    new RecordHeader(
                            new String(name, StandardCharsets.UTF_8),
                            length == ABSENT ? null : take(bytes, length)));
        }
        return headers;
    }

    private static byte[] take(ByteBuffer bytes, int length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new IllegalArgumentException("length %d is damaged".formatted(length));
        }
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private static int length(byte @Nullable [] value) {
        return value == null ? 0 : value.length;
    }
}
