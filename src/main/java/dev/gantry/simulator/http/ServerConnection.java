package dev.gantry.simulator.http;

import dev.gantry.simulator.script.ConnectionEnd;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * One connection, seen from the server: what the JDK's own HTTP server does not offer is to notice
 * a client that leaves, to hang and to cut.
 */
public final class ServerConnection implements AutoCloseable {
    private static final int FIRST_BUFFER = 2048;
    private static final long MOST_MILLIS = Duration.ofHours(1).toMillis();

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    /** Bytes read and not yet taken: buffer[from..to). Only the connection's own thread reads. */
    private byte[] buffer = new byte[FIRST_BUFFER];

    private int from;
    private int to;
    private int requests;

    /** Set before we close the socket, so that its own thread can tell who ended the call. */
    private volatile boolean cut;

    private ServerConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        socket.setTcpNoDelay(true);
    }

    /** Takes the socket over; it is closed if that fails. */
    public static ServerConnection over(Socket socket) throws IOException {
        try {
            return new ServerConnection(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The next byte, -1 at the end. */
    public int read() throws IOException {
        return from < to || fill() ? buffer[from++] & 0xff : -1;
    }

    /** Reads into the whole array; false if the stream ends before. */
    public boolean read(byte[] bytes) throws IOException {
        int held = Math.min(bytes.length, to - from);
        System.arraycopy(buffer, from, bytes, 0, held);
        from += held;
        return in.readNBytes(bytes, held, bytes.length - held) == bytes.length - held;
    }

    private boolean fill() throws IOException {
        from = 0;
        to = Math.max(0, in.read(buffer, 0, buffer.length));
        return to > 0;
    }

    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    public void write(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
    }

    /** Waits; false as soon as the client has closed the connection, or we have. */
    public boolean staysFor(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        try {
            long left = wait.toNanos();
            while (left > 0) {
                long millis = Math.min(MOST_MILLIS, left / 1_000_000);
                if (millis == 0) {
                    Thread.sleep(Duration.ofNanos(left));
                } else if (!listen((int) millis)) {
                    return false;
                }
                left = end - System.nanoTime();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns once the client has closed the connection, or we have. */
    public void awaitEnd() throws InterruptedException {
        boolean there = true;
        while (there) {
            there = staysFor(Duration.ofHours(1));
        }
    }

    /** Reads ahead for so long; false at the end of the stream. */
    private boolean listen(int millis) throws IOException {
        if (to == buffer.length) {
            makeRoom();
        }
        socket.setSoTimeout(millis);
        try {
            int count = in.read(buffer, to, buffer.length - to);
            to += Math.max(0, count);
            return count >= 0;
        } catch (SocketTimeoutException _) {
            return true; // silence is what a waiting client owes us
        } finally {
            socket.setSoTimeout(0);
        }
    }

    private void makeRoom() {
        byte[] larger = new byte[Math.max(FIRST_BUFFER, 2 * (to - from))];
        System.arraycopy(buffer, from, larger, 0, to - from);
        buffer = larger;
        to -= from;
        from = 0;
    }

    /** Ends the connection from our side; may be called by any thread. */
    public void cut(ConnectionEnd connectionEnd) {
        cut = true;
        try {
            if (connectionEnd == ConnectionEnd.RESET) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException _) {
            // It was closed already, and that is all we want.
        }
    }

    public boolean wasCut() {
        return cut;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // The system has let go of it; there is nobody to tell.
        }
    }

    /** Null when the client closes the connection between two requests. */
    public @Nullable HttpRequest request() throws IOException {
        requests++;
        return new RequestReader(this).read();
    }

    public Age age() {
        return requests > 1 ? Age.REUSED : Age.FRESH;
    }

    /** Whether the request at hand is the connection's first. */
    public enum Age {
        FRESH,
        REUSED
    }
}
