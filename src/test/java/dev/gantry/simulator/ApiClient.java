package dev.gantry.simulator;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.Stream;

/** A user of the OpenAI API, by the JDK's client; the provider ends with its user. */
final class ApiClient implements AutoCloseable {
    private final SimulatedProvider provider;
    private final URI address;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ApiClient(SimulatedProvider provider) {
        this.provider = provider;
        this.address = provider.address();
    }

    static String chat(String model) {
        return """
        {"model":"%s","messages":[{"role":"user","content":"What is in the report?"}]}"""
                .formatted(model);
    }

    static String stream(String model) {
        return chat(model)
                .replace("}]}", "}],\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return http.send(request(path, body, headers), BodyHandlers.ofString());
    }

    HttpResponse<String> ask(String model, String... headers)
            throws IOException, InterruptedException {
        return post("/v1/chat/completions", chat(model), headers);
    }

    HttpRequest request(String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve(path))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    HttpClient http() {
        return http;
    }

    /** The events of a stream, without their prefix. */
    static Stream<String> events(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6));
    }

    @Override
    public void close() throws IOException {
        http.shutdownNow();
        provider.close();
    }
}
