package dev.gantry.benchmark.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The least that can pass for an HTTP server: one thread, one prepared answer of 1 KiB for every
 * closing brace that comes in. Requests must hold exactly one, as their last byte.
 */
final class InstantServer {
    private final ByteBuffer answer;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(65_536);

    private InstantServer() {
        String facts =
                """
                {"id":"chatcmpl-1","object":"chat.completion","model":"small-1","choices":[{"index":0,\
                "message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":200,"completion_tokens":180,"total_tokens":380}}""";
        String body = facts.formatted("x".repeat(1024 - facts.length() + 2));
        String head =
                String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "Content-Type: application/json",
                        "Content-Length: " + body.length(),
                        "x-request-id: req_1",
                        "",
                        "");
        byte[] bytes = (head + body).getBytes(StandardCharsets.US_ASCII);
        answer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Prints its port and serves until its standard input ends. */
    public static void main(String[] args) throws IOException {
        Thread.ofPlatform().daemon().start(InstantServer::endWithParent);
        new InstantServer().serve();
    }

    private void serve() throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println(listener.socket().getLocalPort());
            while (true) {
                selector.select(key -> turn(key, selector));
            }
        }
    }

    private void turn(SelectionKey key, Selector selector) {
        try {
            if (key.isAcceptable()) {
                accept((ServerSocketChannel) key.channel(), selector);
            } else {
                answer((SocketChannel) key.channel());
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private static void accept(ServerSocketChannel listener, Selector selector) throws IOException {
        SocketChannel channel = listener.accept();
        while (channel != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ);
            channel = listener.accept();
        }
    }

    private void answer(SocketChannel channel) throws IOException {
        incoming.clear();
        int count = channel.read(incoming);
        if (count < 0) {
            channel.close();
        }
        for (int i = 0; i < count; i++) {
            if (incoming.get(i) == '}') {
                ByteBuffer copy = answer.duplicate();
                while (copy.hasRemaining()) {
                    channel.write(copy);
                }
            }
        }
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // The parent never writes.
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.exit(0);
    }
}
