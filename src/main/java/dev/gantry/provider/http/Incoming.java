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

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An answer whose head has been read.
 *
 * @param announced length of the body, negative where the head does not say
 */
record Incoming(ClassicHttpResponse head, long announced, InputStream body) {
    /** An announced body up to here gets its array at once, whatever really comes. */
    private static final int TRUSTED_LENGTH = 65_536;

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

    /** The whole body; of one over the limit a byte more than that, or nothing. */
    byte[] read(int limit) throws IOException {
        if (announced > limit) {
            return new byte[0];
        }
        if (announced < 0 || announced > TRUSTED_LENGTH) {
            return body.readNBytes(limit + 1);
        }
        byte[] bytes = new byte[(int) announced];
        body.readNBytes(bytes, 0, bytes.length);
        // Reading to the very end is what tells a whole body from a short one.
        body.read();
        return bytes;
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
