package dev.gantry.simulator;

import dev.gantry.simulator.script.ConnectionEnd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client socket without a library that retries, pools or hides how a connection ended. */
final class BareLine implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket = new Socket();

    BareLine(SimulatedProvider provider) throws IOException {
        socket.connect(
                new InetSocketAddress(provider.address().getHost(), provider.address().getPort()));
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    void ask(String model) throws IOException {
        send(post(ApiClient.chat(model)));
    }

    static String post(String body, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: sim\r\n%sContent-Length: %d\r\n\r\n%s"
                .formatted(more, body.length(), body);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** All that comes until the connection ends, and how it ends. */
    Rest rest() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(bytes);
            return new Rest(bytes.toString(StandardCharsets.UTF_8), ConnectionEnd.CLOSE);
        } catch (SocketException e) {
            return new Rest(bytes.toString(StandardCharsets.UTF_8), ConnectionEnd.RESET);
        }
    }

    /** One answer with a content-length; the connection stays. */
    String answer() throws IOException {
        String head = until("\r\n\r\n");
        int from = head.indexOf("content-length: ") + 16;
        int length = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
        byte[] body = socket.getInputStream().readNBytes(length);
        return head + new String(body, StandardCharsets.UTF_8);
    }

    /** Reads up to and with this text. */
    String until(String end) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended after: " + text);
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** Leaves with a RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    record Rest(String text, ConnectionEnd connectionEnd) {}
}
