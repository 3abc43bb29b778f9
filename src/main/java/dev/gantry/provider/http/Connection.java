package dev.gantry.provider.http;

import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

import javax.net.ssl.SSLSocket;

/** One open connection. Used by one call at a time; idle in the pool between calls. */
final class Connection implements Closeable {
    private static final Http1Config LIMITS =
            Http1Config.custom()
                    .setBufferSize(8192)
                    .setMaxLineLength(65_536)
                    .setMaxHeaderCount(256)
                    .setMaxEmptyLineCount(8)
                    .build();
    private static final int MOST_INFORMATIONAL = 16;

    private final Socket socket;
    private final DefaultBHttpClientConnection http;
    private boolean reused;
    private long idleSince;
    private long idleUntil;

    /**
     * @param secured the TLS layer over the socket, null for plain text
     */
    Connection(Socket socket, @Nullable SSLSocket secured) throws IOException {
        this.socket = socket;
        this.http = new DefaultBHttpClientConnection(LIMITS);
        if (secured == null) {
            http.bind(socket);
        } else {
            http.bind(secured, socket);
        }
    }

    /** Whether it has carried a call before the present one. */
    boolean reused() {
        return reused;
    }

    long receivedBytes() {
        return http.getEndpointDetails().getReceivedBytesCount();
    }

    void send(ClassicHttpRequest request) throws IOException, HttpException {
        http.sendRequestHeader(request);
        http.sendRequestEntity(request);
        http.flush();
    }

    /** The head of the final answer; its body is still to be read. */
    ClassicHttpResponse receive(String method) throws IOException, HttpException {
        ClassicHttpResponse head = http.receiveResponseHeader();
        for (int informational = 0; head.getCode() < 200; informational++) {
            if (informational == MOST_INFORMATIONAL) {
                throw new ProtocolException("too many informational answers");
            }
            head = http.receiveResponseHeader();
        }
        if (MessageSupport.canResponseHaveBody(method, head)) {
            http.receiveResponseEntity(head);
        }
        return head;
    }

    /** Whether bytes have come that nobody has read. */
    boolean answerWaiting() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    void idleFrom(long nanoTime, Duration atMost) {
        reused = true;
        idleSince = nanoTime;
        idleUntil = nanoTime + atMost.toNanos();
    }

    long idleSince() {
        return idleSince;
    }

    boolean expired(long nanoTime) {
        return nanoTime - idleUntil >= 0;
    }

    /**
     * Whether the idle connection is still open and silent. Takes a millisecond, and eats a byte of
     * what should not be there: false means close it.
     */
    boolean quiet() {
        try {
            socket.setSoTimeout(1);
            socket.getInputStream().read();
            return false;
        } catch (SocketTimeoutException e) {
            return awake();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean awake() {
        try {
            socket.setSoTimeout(0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Closes the socket itself: a TLS goodbye could block behind a write under way. */
    @Override
    public void close() {
        CallGuard.closeQuietly(socket);
    }
}
