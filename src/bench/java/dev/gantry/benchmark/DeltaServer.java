package dev.gantry.benchmark;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Answers every call with the same text: whole, or one token a delta. */
final class DeltaServer implements AutoCloseable {
    private static final String TOKEN = " word";

    private final ServerSocket listener =
            new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final Duration pause;
    private final byte[] whole;
    private final List<byte[]> events = new ArrayList<>();

    /**
     * @param pause between two deltas; zero: all of them in one write
     */
    DeltaServer(int deltas, Duration pause) throws IOException {
        this.pause = pause;
        String body =
                "{\"id\":\"c-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":%s}"
                        .formatted(TOKEN.repeat(deltas), usage(deltas));
        whole =
                bytes(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                                .formatted(body.length(), body));
        events.add(
                bytes(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"));
        event(
                "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]");
        for (int each = 0; each < deltas; each++) {
            event(
                    "[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}]"
                            .formatted(TOKEN));
        }
        event("[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
        event("[],\"usage\":" + usage(deltas));
        events.add(bytes("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"));
        Thread.ofVirtual().start(this::accept);
    }

    private static String usage(int deltas) {
        return "{\"prompt_tokens\":150,\"completion_tokens\":%d,\"total_tokens\":%d}"
                .formatted(deltas, deltas + 150);
    }

    private void event(String choices) {
        String event =
                "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"model\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":%s}\n\n"
                        .formatted(choices);
        events.add(bytes("%x\r\n%s\r\n".formatted(event.length(), event)));
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v1");
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed: the benchmark is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (String body = read(in); body != null; body = read(in)) {
                if (body.contains("\"stream\":true")) {
                    stream(out);
                } else {
                    out.write(whole);
                }
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private void stream(OutputStream out) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] each : events) {
            if (pause.isZero()) {
                all.writeBytes(each);
            } else {
                out.write(each);
                LockSupport.parkNanos(pause.toNanos());
            }
        }
        out.write(all.toByteArray());
    }

    /** A request's body; null: there is no other. */
    private static @Nullable String read(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.append((char) next);
        }
        int at = head.indexOf("Content-Length: ") + 16;
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r", at)));
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
