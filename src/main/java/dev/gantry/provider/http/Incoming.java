package dev.gantry.provider.http;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.IdentityInputStream;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An answer whose head has been read.
 *
 * @param headers first value per name, names in lower case
 * @param announced length of the body, negative where the head does not say
 * @param coding of the body if it is one that we cannot read
 */
record Incoming(
        ClassicHttpResponse head,
        Map<String, String> headers,
        long announced,
        InputStream body,
        @Nullable String coding) {

    static Incoming of(
            String method, ClassicHttpResponse head, SessionInputBuffer buffer, InputStream in)
            throws HttpException {
        if (!MessageSupport.canResponseHaveBody(method, head)) {
            return new Incoming(head, headers(head), 0, InputStream.nullInputStream(), null);
        }
        foldEqualLengths(head);
        Map<String, String> headers = headers(head);
        long length = DefaultContentLengthStrategy.INSTANCE.determineLength(head);
        InputStream body = body(length, buffer, in);
        List<String> codings =
                headers.containsKey("content-encoding") ? ContentCoding.of(head) : List.of();
        return codings.isEmpty() || length == 0
                ? new Incoming(head, headers, length, body, null)
                : new Incoming(
                        head,
                        headers,
                        ContentLengthStrategy.UNDEFINED,
                        ContentCoding.decode(codings, body),
                        ContentCoding.unknown(codings));
    }

    /** Several equal lengths may be taken as one (RFC 9110, section 8.6); others are an error. */
    private static void foldEqualLengths(ClassicHttpResponse head) {
        Header first = head.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
        boolean one = head.countHeaders(HttpHeaders.CONTENT_LENGTH) == 1;
        if (first == null || (one && single(first))) {
            return;
        }
        Set<String> values = new HashSet<>();
        for (Header each : head.getHeaders(HttpHeaders.CONTENT_LENGTH)) {
            for (String value : each.getValue().split(",", -1)) {
                values.add(value.strip());
            }
        }
        if (values.size() == 1) {
            head.removeHeaders(HttpHeaders.CONTENT_LENGTH);
            head.setHeader(HttpHeaders.CONTENT_LENGTH, values.iterator().next());
        }
    }

    private static boolean single(Header length) {
        return length.getValue().indexOf(',') < 0;
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

    private static Map<String, String> headers(ClassicHttpResponse head) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : head.getHeaders()) {
            headers.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), header.getValue());
        }
        return Map.copyOf(headers);
    }
}
