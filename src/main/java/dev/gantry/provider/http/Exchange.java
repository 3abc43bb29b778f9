package dev.gantry.provider.http;

import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;

import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** One call: leases a connection, sends, reads, and says how it ended. */
final class Exchange {
    private static final byte[] NOTHING = {};

    private final ConnectionPool pool;
    private final CallGuard guard;
    private final Duration timeout;
    private final int limit;
    private final AnswerReader reader;

    Exchange(
            ConnectionPool pool,
            CallGuard guard,
            Duration timeout,
            int limit,
            AnswerReader reader) {
        this.pool = pool;
        this.guard = guard;
        this.timeout = timeout;
        this.limit = limit;
        this.reader = reader;
    }

    ProviderReply run(ClassicHttpRequest request) {
        Connection connection;
        try {
            connection = pool.lease(guard);
        } catch (Unconnected e) {
            return unlessEnded(false, e.reply());
        }
        try (Lease lease = new Lease(connection)) {
            return guard.ended() || Thread.currentThread().isInterrupted()
                    ? unlessEnded(false, new Cancelled(false))
                    : converse(lease, request);
        }
    }

    private ProviderReply converse(Lease lease, ClassicHttpRequest request) {
        Connection connection = lease.connection;
        long earlier = connection.receivedBytes();
        long began = System.nanoTime();
        try {
            boolean sent = send(connection, request);
            ClassicHttpResponse head = connection.receive(request.getMethod());
            return answer(lease, head, sent);
        } catch (IOException | HttpException e) {
            boolean begun = connection.receivedBytes() > earlier;
            if (connection.reused() && !begun) {
                pool.suspect();
            }
            Duration since = Duration.ofNanos(System.nanoTime() - began);
            return unlessEnded(true, new Cut(connection.reused(), begun, since, Wording.of(e)));
        }
    }

    /** False if the server has answered and closed before it took the whole request. */
    private boolean send(Connection connection, ClassicHttpRequest request)
            throws IOException, HttpException {
        try {
            connection.send(request);
            return true;
        } catch (IOException e) {
            // A refused body (413, 401) may break our writing; the answer that is there says why.
            if (guard.ended() || !connection.answerWaiting()) {
                throw e;
            }
            return false;
        }
    }

    private ProviderReply answer(Lease lease, ClassicHttpResponse head, boolean sent)
            throws IOException {
        HttpEntity entity = head.getEntity();
        byte[] body = entity == null ? NOTHING : read(entity);
        if (body.length > limit || (entity != null && entity.getContentLength() > limit)) {
            return unlessEnded(true, new TooLarge(head.getCode(), limit));
        }
        if (guard.release() && sent && KeepAlive.allowed(head)) {
            lease.keep(KeepAlive.idleAtMost(head));
        }
        Map<String, String> headers = headers(head);
        return new Answered(reader.read(head.getCode(), headers, body), headers);
    }

    /** One byte over the limit at most; nothing at all if the announced length is over it. */
    private byte[] read(HttpEntity entity) throws IOException {
        long announced = entity.getContentLength();
        if (announced > limit) {
            return NOTHING;
        }
        InputStream content = entity.getContent();
        if (announced < 0 || announced > 65_536) {
            return content.readNBytes(limit + 1);
        }
        byte[] body = new byte[(int) announced];
        content.readNBytes(body, 0, body.length);
        // Reading to the very end is what tells a whole body from a short one.
        content.read();
        return body;
    }

    private ProviderReply unlessEnded(boolean submitted, ProviderReply otherwise) {
        CallGuard.Reason reason = guard.reason();
        if (reason == CallGuard.Reason.TIMEOUT) {
            return new TimedOut(timeout, submitted);
        }
        // An interrupted virtual thread finds its socket closed; the flag stays set for the caller.
        if (reason == CallGuard.Reason.CANCELLED || Thread.currentThread().isInterrupted()) {
            return new Cancelled(submitted);
        }
        return otherwise;
    }

    private static Map<String, String> headers(ClassicHttpResponse head) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : head.getHeaders()) {
            headers.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), header.getValue());
        }
        return headers;
    }

    /** A connection that is closed unless it was kept: no path may leave it open and unowned. */
    private final class Lease implements AutoCloseable {
        private final Connection connection;
        private boolean kept;

        Lease(Connection connection) {
            this.connection = connection;
        }

        void keep(Duration idleAtMost) {
            kept = true;
            pool.giveBack(connection, idleAtMost);
        }

        @Override
        public void close() {
            guard.release();
            if (!kept) {
                connection.close();
            }
        }
    }
}
