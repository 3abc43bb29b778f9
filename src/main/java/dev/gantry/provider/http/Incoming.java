package dev.gantry.provider.http;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.IdentityInputStream;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An answer whose head has been read.
 *
 * @param announced length of the body, negative where the head does not say
 */
record Incoming(ClassicHttpResponse head, long announced, InputStream body) {
    /** Of a body whose length is not announced; later pieces are larger. */
    private static final int FIRST_PIECE = 8192;

    private static final int LARGEST_PIECE = 1 << 20;

    static Incoming of(
            String method, ClassicHttpResponse head, SessionInputBuffer buffer, InputStream in)
            throws HttpException {
        if (!MessageSupport.canResponseHaveBody(method, head)) {
            return new Incoming(head, 0, InputStream.nullInputStream());
        }
        long length = DefaultContentLengthStrategy.INSTANCE.determineLength(head);
        return new Incoming(head, length, body(length, buffer, in));
    }

    private static InputStream body(long length, SessionInputBuffer buffer, InputStream in) {
        if (length >= 0) {
            return new ContentLengthInputStream(buffer, in, length);
        }
        return length == ContentLengthStrategy.CHUNKED
                ? new ChunkedInputStream(buffer, in)
                : new IdentityInputStream(buffer, in);
    }

    int status() {
        return head.getCode();
    }

    /** The whole body, each byte reserved before it is read; null if it is over the limit. */
    byte @Nullable [] read(int limit, Reservation reservation) throws IOException {
        if (announced > limit) {
            return null;
        }
        return announced >= 0
                ? announced((int) announced, reservation)
                : unannounced(limit, reservation);
    }

    /** Reserved whole: once it has begun, it can be read to its end. */
    private byte[] announced(int length, Reservation reservation) throws IOException {
        reservation.take(length);
        byte[] bytes = new byte[length];
        fill(bytes, 0, reservation);
        // Reading to the very end is what tells a whole body from a short one.
        body.read();
        return bytes;
    }

    /** Reserved piece by piece, and nothing before the first byte is there. */
    private byte @Nullable [] unannounced(int limit, Reservation reservation) throws IOException {
        List<byte[]> pieces = new ArrayList<>();
        int total = 0;
        int next = body.read();
        while (next >= 0) {
            if (total == limit) {
                return null;
            }
            int room = Math.min(limit - total, Math.clamp(total / 2, FIRST_PIECE, LARGEST_PIECE));
            reservation.take(room);
            byte[] piece = new byte[room];
            piece[0] = (byte) next;
            int length = 1 + fill(piece, 1, reservation);
            pieces.add(piece);
            total += length;
            next = length < room ? -1 : body.read();
        }
        return joined(pieces, total, reservation);
    }

    private static byte[] joined(List<byte[]> pieces, int total, Reservation reservation) {
        byte[] whole = new byte[total];
        int at = 0;
        int reserved = 0;
        for (byte[] piece : pieces) {
            int length = Math.min(piece.length, total - at);
            System.arraycopy(piece, 0, whole, at, length);
            at += length;
            reserved += piece.length;
        }
        reservation.giveBack(reserved - total);
        return whole;
    }

    /** Returns how many bytes came before the body's end, or until the array is full. */
    private int fill(byte[] bytes, int from, Reservation reservation) throws IOException {
        int at = from;
        while (at < bytes.length) {
            int count = body.read(bytes, at, bytes.length - at);
            if (count < 0) {
                break;
            }
            at += count;
            reservation.received(count);
        }
        return at - from;
    }

    /** First value per name, names in lower case. */
    Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        for (Header header : head.getHeaders()) {
            headers.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), header.getValue());
        }
        return headers;
    }
}
