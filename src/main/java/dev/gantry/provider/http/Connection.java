package dev.gantry.provider.http;

import dev.gantry.dialect.Translation;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.BasicHttpTransportMetrics;
import org.apache.hc.core5.http.impl.io.ContentLengthOutputStream;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * One open connection, used by one call at a time and idle in the pool between calls. It speaks
 * through the library's buffers and parsers rather than its connection class, which cannot say
 * whether bytes are left over from the last answer.
 */
final class Connection implements Closeable {
    private static final int BUFFER = 8192;
    private static final int LONGEST_LINE = 65_536;
    private static final int MOST_INFORMATIONAL = 16;
    private static final Http1Config LIMITS =
            Http1Config.custom()
                    .setMaxLineLength(LONGEST_LINE)
                    .setMaxHeaderCount(256)
                    .setMaxEmptyLineCount(8)
                    .build();

    private final Socket socket;

    /** What comes over the wire; of plain text the same as the next. */
    private final InputStream wire;

    private final InputStream in;
    private final OutputStream out;
    private final DefaultHttpResponseParser parser = new DefaultHttpResponseParser(LIMITS);
    private final SessionOutputBufferImpl outgoing = new SessionOutputBufferImpl(BUFFER);
    private final SessionInputBufferImpl incoming =
            new SessionInputBufferImpl(
                    new BasicHttpTransportMetrics(), BUFFER, -1, LONGEST_LINE, null);
    private boolean reused;
    private long idleSince;
    private long idleUntil;

    /**
     * @param socket the plain one, which carries everything
     * @param channel the TLS layer over it, or the same socket for plain text
     */
    Connection(Socket socket, Socket channel) throws IOException {
        this.socket = socket;
        this.wire = socket.getInputStream();
        this.in = channel.equals(socket) ? wire : channel.getInputStream();
        this.out = channel.getOutputStream();
    }

    /** Whether it has carried a call before the present one. */
    boolean reused() {
        return reused;
    }

    long receivedBytes() {
        return incoming.getMetrics().getBytesTransferred();
    }

    void send(byte[] head) throws IOException {
        outgoing.write(head, out);
        outgoing.flush(out);
    }

    /** Small ones in one packet. */
    void send(byte[] head, Translation.Body body) throws IOException {
        outgoing.write(head, out);
        body.writeTo(new ContentLengthOutputStream(outgoing, out, body.length()));
        outgoing.flush(out);
    }

    /** The final answer, its body still to be read. */
    Incoming receive(String method) throws IOException, HttpException {
        ClassicHttpResponse head = head();
        for (int informational = 0; head.getCode() < 200; informational++) {
            if (informational == MOST_INFORMATIONAL) {
                throw new ProtocolException("too many informational answers");
            }
            head = head();
        }
        return Incoming.of(method, head, incoming, in);
    }

    private ClassicHttpResponse head() throws IOException, HttpException {
        ClassicHttpResponse head = parser.parse(incoming, in);
        if (head == null) {
            throw new NoHttpResponseException("closed");
        }
        return head;
    }

    /** Whether bytes have come that nobody has read. */
    boolean unread() {
        try {
            return incoming.hasBufferedData()
                    || in.available() > 0
                    || (!in.equals(wire) && wire.available() > 0);
        } catch (IOException e) {
            return false;
        }
    }

    /** A read that hears nothing for so long fails; until the connection is idle. */
    void limitSilence(Duration longest) throws SocketException {
        socket.setSoTimeout(Math.clamp(longest.toMillis(), 1, Integer.MAX_VALUE));
    }

    /** Ready for the next call; false if it is not open any more. */
    boolean idleFrom(long nanoTime, Duration atMost) {
        reused = true;
        idleSince = nanoTime;
        idleUntil = nanoTime + atMost.toNanos();
        return awake();
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
            wire.read();
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
