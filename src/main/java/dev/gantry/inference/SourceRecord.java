package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A request record as it came, for the dead-letter topic.
 *
 * <p>The arrays are not copied and must not be written to.
 */
public final class SourceRecord {
    private final SourcePosition position;
    private final byte @Nullable [] key;
    private final byte @Nullable [] value;
    private final List<Header> headers;

    public SourceRecord(
            SourcePosition position,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<Header> headers) {
        this.position = position;
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
    }

    /** A record header; names may repeat. */
    public static final class Header {
        private final String name;
        private final byte @Nullable [] value;

        public Header(String name, byte @Nullable [] value) {
            this.name = name;
            this.value = value;
        }

        public String name() {
            return name;
        }

        public byte @Nullable [] value() {
            return value;
        }
    }

    public SourcePosition position() {
        return position;
    }

    public byte @Nullable [] key() {
        return key;
    }

    public byte @Nullable [] value() {
        return value;
    }

    public List<Header> headers() {
        return headers;
    }

    @Override
    public String toString() {
        return "SourceRecord[" + position + "]";
    }
}
