package dev.gantry.kept;

import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A record's headers in one column: names and values, each with its length before it. */
final class HeaderBytes {
    /** The length of a value that is not there. */
    private static final int NULL = -1;

    private HeaderBytes() {}

    static byte[] write(List<Header> headers) {
        int size = 0;
        List<byte[]> names = new ArrayList<>(headers.size());
        for (Header header : headers) {
            byte[] name = header.key().getBytes(StandardCharsets.UTF_8);
            names.add(name);
            size += 2 * Integer.BYTES + name.length;
            size += header.value() == null ? 0 : header.value().length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(size);
        for (int each = 0; each < headers.size(); each++) {
            byte[] name = names.get(each);
            byte[] value = headers.get(each).value();
            bytes.putInt(name.length).put(name);
            if (value == null) {
                bytes.putInt(NULL);
            } else {
                bytes.putInt(value.length).put(value);
            }
        }
        return bytes.array();
    }

    static List<Header> read(byte[] column) {
        ByteBuffer bytes = ByteBuffer.wrap(column);
        List<Header> headers = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] name = new byte[bytes.getInt()];
            bytes.get(name);
            int length = bytes.getInt();
            byte[] value = length == NULL ? null : new byte[length];
            if (value != null) {
                bytes.get(value);
            }
            headers.add(new RecordHeader(new String(name, StandardCharsets.UTF_8), value));
        }
        return headers;
    }
}
