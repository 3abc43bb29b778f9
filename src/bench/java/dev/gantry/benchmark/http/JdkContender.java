package dev.gantry.benchmark.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The client of the JDK. */
final class JdkContender implements Contender {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target;

    JdkContender(int port) {
        target = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
    }

    @Override
    public String name() {
        return "JDK HttpClient";
    }

    @Override
    public int call(byte[] body) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(target)
                        .timeout(Duration.ofMinutes(1))
                        .header("content-type", "application/json")
                        .header("accept", "application/json")
                        .header("authorization", "Bearer key")
                        .header("x-client-request-id", "attempt~1")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body().length;
    }

    @Override
    public void close() {
        client.close();
    }
}
