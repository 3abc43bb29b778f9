package dev.gantry.provider;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;

/** A server on a real socket that does to each connection what the test says. */
final class ScriptedServer implements AutoCloseable {
    /** Unannounced, a connection is taken for closed after some seconds. */
    static final String KEPT = "Keep-Alive: timeout=60\r\n";

    private final ServerSocket listener;
    private final Script script;
    private final AtomicInteger connections = new AtomicInteger();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    /** What happens on one connection; it is closed when this returns. */
    interface Script {
        void serve(Wire wire) throws IOException;
    }

    /** One request as it came; header names in lower case. */
    record Request(String line, Map<String, String> headers, String body) {}

    ScriptedServer(Script script) {
        this(plain(), script);
    }

    ScriptedServer(ServerSocket listener, Script script) {
        this.listener = listener;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers every request with 200 and this body, connections kept open. */
    static ScriptedServer answering(String body) {
        return new ScriptedServer(
                wire -> {
                    while (wire.read() != null) {
                        wire.answer(200, body);
                    }
                });
    }

    static ServerSocket secured(SSLContext context) throws IOException {
        return context.getServerSocketFactory()
                .createServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    }

    int port() {
        return listener.getLocalPort();
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + port() + "/v1");
    }

    int connections() {
        return connections.get();
    }

    /** The next request that came, in order of arrival. */
    Request request() throws InterruptedException {
        Request request = requests.poll(60, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request came");
        }
        return request;
    }

    boolean sawNothing() {
        return requests.isEmpty();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.serve(new Wire(socket));
        } catch (IOException e) {
            // The client has gone, which is what many tests are about.
        }
    }

    private static ServerSocket plain() {
        try {
            return new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's end of one connection. */
    final class Wire {
        private final Socket socket;
        private final InputStream in;

        Wire(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
        }

        /** Null once the client has closed. */
        @Nullable Request read() throws IOException {
            String head = head();
            if (head == null) {
                return null;
            }
            String[] lines = head.split("\r\n", -1);
            Map<String, String> headers = new TreeMap<>();
            for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
                int colon = lines[i].indexOf(':');
                headers.put(
                        lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            byte[] body = in.readNBytes(length);
            Request request =
                    new Request(lines[0], headers, new String(body, StandardCharsets.UTF_8));
            requests.add(request);
            return request;
        }

        /** Head only; its body stays unread. */
        @Nullable String head() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            int state = 0;
            while (state < 4) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                head.write(next);
                state = next == "\r\n\r\n".charAt(state) ? state + 1 : next == '\r' ? 1 : 0;
            }
            return head.toString(StandardCharsets.ISO_8859_1);
        }

        /** However late its next call comes, the connection has not grown too old for it. */
        void answer(int status, String body, String... headers) throws IOException {
            int length = body.getBytes(StandardCharsets.UTF_8).length;
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n" + KEPT);
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            send(head + "Content-Length: " + length + "\r\n\r\n" + body);
        }

        void send(String raw) throws IOException {
            socket.getOutputStream().write(raw.getBytes(StandardCharsets.UTF_8));
        }

        /** Returns when the client has closed, however rudely. */
        void awaitClose() {
            try {
                while (in.read() >= 0) {
                    // Nothing of what still comes is of interest.
                }
            } catch (IOException e) {
                // Reset: closed, too.
            }
        }

        InputStream in() {
            return in;
        }

        Socket socket() {
            return socket;
        }
    }
}
