package dev.gantry.endtoend;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All the providers of the cases on one real socket. The first call of a case gets the case's
 * answer in the case's framing; every other call gets a good one.
 */
final class FieldServer implements AutoCloseable {
    private static final String GOOD_CHAT =
            "{\"id\":\"chatcmpl-good\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"mm\","
                    + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
                    + "\"good\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":20,"
                    + "\"completion_tokens\":10,\"total_tokens\":30}}";
    private static final String GOOD_EMBEDDING =
            "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.1]}],"
                    + "\"model\":\"mm\",\"usage\":{\"prompt_tokens\":20,\"total_tokens\":20}}";
    private static final String GOOD_STREAM =
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"mm\",\"choices\":"
                    + "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"good\"},"
                    + "\"finish_reason\":null}]}\n\n"
                    + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"mm\",\"choices\":"
                    + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                    + "data: [DONE]\n\n";

    private final ServerSocket listener;
    private final Map<String, FieldCase> cases;

    /** By case, the bodies that came and the targets they came to. */
    private final Map<String, List<String>> bodies = new ConcurrentHashMap<>();

    private final Map<String, List<String>> targets = new ConcurrentHashMap<>();

    FieldServer(List<FieldCase> cases) throws IOException {
        this.cases = cases.stream().collect(Collectors.toMap(FieldCase::id, Function.identity()));
        this.listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    URI baseUrl(FieldCase each) {
        return URI.create(
                "http://127.0.0.1:%d/%s/v1%s"
                        .formatted(listener.getLocalPort(), each.id(), each.query()));
    }

    List<String> bodies(FieldCase each) {
        return bodies.getOrDefault(each.id(), List.of());
    }

    List<String> targets(FieldCase each) {
        return targets.getOrDefault(each.id(), List.of());
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String[] head = head(socket.getInputStream()).split("\r\n", -1);
            int length = 0;
            for (String line : head) {
                String lower = line.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(lower.substring(lower.indexOf(':') + 1).strip());
                }
            }
            byte[] body = socket.getInputStream().readNBytes(length);
            String target = head[0].split(" ", -1)[1];
            answer(target, new String(body, StandardCharsets.UTF_8), socket.getOutputStream());
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private void answer(String target, String body, OutputStream out) throws IOException {
        String id = target.split("/", -1)[1];
        List<String> seen = bodies.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>());
        boolean first = seen.isEmpty();
        seen.add(body);
        targets.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>()).add(target);
        FieldCase each = Objects.requireNonNull(cases.get(id), id);
        if (first && each.isAnswer()) {
            out.write(framed(each));
        } else if (each.streamsByDefault() && !body.contains("\"stream\":false")) {
            out.write(whole(200, Map.of("Content-Type", "text/event-stream"), bytes(GOOD_STREAM)));
        } else {
            String good = each.embeddings() ? GOOD_EMBEDDING : GOOD_CHAT;
            out.write(whole(200, Map.of("Content-Type", "application/json"), bytes(good)));
        }
    }

    private static byte[] framed(FieldCase each) {
        byte[] body = each.body();
        String head = head("1.1", each.status(), each.headers());
        String length = "Content-Length: " + body.length + "\r\n";
        return switch (each.mode()) {
            case "length" -> whole(each.status(), each.headers(), body);
            case "twice" -> joined(head + length + length + "\r\n", body, "");
            case "chunked" -> chunked(head, body, "0\r\n\r\n");
            case "nofinal" -> chunked(head, body, "");
            case "http10" -> joined(head("1.0", each.status(), each.headers()) + "\r\n", body, "");
            case "raw" -> body;
            default -> throw new IllegalArgumentException(each.id() + ": mode " + each.mode());
        };
    }

    private static byte[] whole(int status, Map<String, String> headers, byte[] body) {
        String head = head("1.1", status, headers) + "Content-Length: " + body.length + "\r\n\r\n";
        return joined(head, body, "");
    }

    /** In two chunks, cut wherever the middle is. */
    private static byte[] chunked(String head, byte[] body, String end) {
        int middle = body.length / 2;
        byte[] first = Arrays.copyOf(body, middle);
        byte[] second = Arrays.copyOfRange(body, middle, body.length);
        String size = "Transfer-Encoding: chunked\r\n\r\n%x\r\n".formatted(first.length);
        byte[] begun = joined(head + size, first, "\r\n%x\r\n".formatted(second.length));
        return joined(new String(begun, StandardCharsets.ISO_8859_1), second, "\r\n" + end);
    }

    private static String head(String version, int status, Map<String, String> headers) {
        StringBuilder head =
                new StringBuilder(
                        "HTTP/%s %d X\r\nConnection: close\r\n".formatted(version, status));
        headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        return head.toString();
    }

    private static byte[] joined(String head, byte[] body, String tail) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        all.writeBytes(bytes(tail));
        return all.toByteArray();
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed before a request");
            }
            head.write(next);
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
