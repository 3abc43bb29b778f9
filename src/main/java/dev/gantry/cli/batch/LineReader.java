package dev.gantry.cli.batch;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Reads lines as their bytes, without the line end and without a byte order mark. */
public final class LineReader implements Closeable {
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private final CRC32C checksum = new CRC32C();
    private long left;
    private long length;
    private int position;
    private int limit;
    private long number;

    public LineReader(InputStream in) {
        this(in, Long.MAX_VALUE);
    }

    /** Reads no further than so many bytes, however long the text has become. */
    LineReader(InputStream in, long most) {
        this.in = in;
        this.left = most;
    }

    /** What was read so far: how many bytes, and their checksum. */
    record Extent(long length, long checksum) {}

    /** A line that is not blank; its bytes are not copied. */
    public static final class Line {
        private final long number;
        private final byte[] bytes;

        private Line(long number, byte[] bytes) {
            this.number = number;
            this.bytes = bytes;
        }

        /** From 1, blank lines counted. */
        public long number() {
            return number;
        }

        public byte[] bytes() {
            return bytes;
        }
    }

    /** The next line that is not blank, null at the end. */
    public @Nullable Line next() throws IOException {
        for (byte[] bytes = read(); bytes != null; bytes = read()) {
            number++;
            byte[] text = number == 1 ? withoutMark(bytes) : bytes;
            if (!isBlank(text)) {
                return new Line(number, text);
            }
        }
        return null;
    }

    Extent extent() {
        return new Extent(length, checksum.getValue());
    }

    private byte @Nullable [] read() throws IOException {
        var longLine = new ByteArrayOutputStream(0);
        while (true) {
            if (position == limit && !fill()) {
                return longLine.size() == 0 ? null : withoutReturn(longLine.toByteArray());
            }
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            longLine.write(buffer, position, end - position);
            position = Math.min(end + 1, limit);
            if (end < limit) {
                return withoutReturn(longLine.toByteArray());
            }
        }
    }

    private boolean fill() throws IOException {
        int read = left == 0 ? -1 : in.read(buffer, 0, (int) Math.min(buffer.length, left));
        position = 0;
        limit = Math.max(read, 0);
        left -= limit;
        length += limit;
        checksum.update(buffer, 0, limit);
        return read > 0;
    }

    private static byte[] withoutReturn(byte[] bytes) {
        boolean returns = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return returns ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }

    private static byte[] withoutMark(byte[] bytes) {
        boolean marked =
                bytes.length >= 3
                        && bytes[0] == (byte) 0xEF
                        && bytes[1] == (byte) 0xBB
                        && bytes[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }

    private static boolean isBlank(byte[] bytes) {
        for (byte each : bytes) {
            if (each != ' ' && each != '\t' && each != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
