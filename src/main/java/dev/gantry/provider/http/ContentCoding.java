package dev.gantry.provider.http;

import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpMessage;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Content codings (RFC 9110, section 8.4.1) of answers. We ask for none, but gateways compress all
 * the same. What is decoded is read piece by piece, so its size is bounded like any other body's.
 */
final class ContentCoding {
    private static final Set<String> DECODED = Set.of("gzip", "x-gzip", "deflate");
    private static final int BUFFER = 8192;

    private ContentCoding() {}

    /** As applied by the server, first to last; {@code identity} left out. */
    static List<String> of(HttpMessage head) {
        List<String> codings = new ArrayList<>();
        for (Header header : head.getHeaders("Content-Encoding")) {
            for (String coding : header.getValue().toLowerCase(Locale.ROOT).split(",", -1)) {
                String name = coding.strip();
                if (!name.isEmpty() && !name.equals("identity")) {
                    codings.add(name);
                }
            }
        }
        return codings;
    }

    /** The first that cannot be decoded here; null if all can. */
    static @Nullable String unknown(List<String> codings) {
        return codings.stream().filter(each -> !DECODED.contains(each)).findFirst().orElse(null);
    }

    /** Nothing is read before the first byte is asked for. */
    static InputStream decode(List<String> codings, InputStream body) {
        InputStream decoded = body;
        for (String coding : codings.reversed()) {
            decoded = new Decoding(coding, decoded);
        }
        return decoded;
    }

    private static final class Decoding extends InputStream {
        private final String coding;
        private final InputStream encoded;
        private @Nullable InputStream decoded;
        private @Nullable Inflater inflater;

        Decoding(String coding, InputStream encoded) {
            this.coding = coding;
            this.encoded = encoded;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            InputStream source = decoded;
            if (source == null) {
                source = begin();
                decoded = source;
            }
            int count = source.read(bytes, from, length);
            if (count < 0) {
                finish();
            }
            return count;
        }

        /** By its first bytes: some proxies decode a body and leave the header as it was. */
        private InputStream begin() throws IOException {
            PushbackInputStream body = new PushbackInputStream(encoded, 2);
            byte[] head = body.readNBytes(2);
            body.unread(head);
            if (head.length < 2) {
                return body;
            }
            int magic = (head[0] & 0xFF) << 8 | (head[1] & 0xFF);
            if (magic == 0x1F8B) {
                return new GZIPInputStream(body, BUFFER);
            }
            if (!coding.equals("deflate")) {
                return body;
            }
            boolean zlib = (head[0] & 0x0F) == 8 && magic % 31 == 0;
            inflater = new Inflater(!zlib);
            return new InflaterInputStream(body, inflater, BUFFER);
        }

        /** Reads the rest of the framing, so that the connection can be used again. */
        private void finish() throws IOException {
            close();
            while (encoded.read() >= 0) {
                // Whatever follows a whole compressed body is padding.
            }
        }

        @Override
        public void close() {
            if (inflater != null) {
                inflater.end();
                inflater = null;
            }
        }
    }
}
