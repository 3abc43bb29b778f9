package dev.gantry.benchmark;

import dev.gantry.testbed.JavaProcess;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The simulated provider in a process of its own. */
public final class SimulatorProcess implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final URI baseUrl;

    private SimulatorProcess(Process process, URI baseUrl) {
        this.process = process;
        this.baseUrl = baseUrl;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** Without a list of calls: only the sums. */
    static SimulatorProcess start(String script) throws IOException {
        return start(script, 0);
    }

    /**
     * Returns once it listens.
     *
     * @param listed calls that its ledger lists
     */
    public static SimulatorProcess start(String script, int listed) throws IOException {
        Path file = Files.writeString(Files.createTempFile("script", ".json"), script);
        Process process =
                JavaProcess.builder(
                                List.of("-Xmx1g"),
                                "dev.gantry.Application",
                                List.of(
                                        "simulate",
                                        "--port",
                                        "0",
                                        "--ledger-limit",
                                        Integer.toString(listed),
                                        "--script",
                                        file.toString()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = String.valueOf(output.readLine());
        return new SimulatorProcess(process, URI.create(line.substring(line.indexOf("http"))));
    }

    public URI baseUrl() {
        return baseUrl;
    }

    /** Forgets the calls, and starts the script anew. */
    public void reset() throws IOException, InterruptedException {
        String path = "/_simulator/reset";
        HttpRequest.Builder request = HttpRequest.newBuilder(baseUrl.resolve(path));
        client.send(
                request.POST(HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.discarding());
    }

    /** Calls that have ended since the last reset. */
    public long calls() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(baseUrl.resolve("/_simulator/summary")).build();
        HttpResponse<String> answer =
                client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return JSON.readTree(answer.body()).path("calls").asLong();
    }

    /** How long each listed call took, by its attempt's id. */
    public Map<String, Duration> durations() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(baseUrl.resolve("/_simulator/ledger")).build();
        Map<String, Duration> durations = new HashMap<>();
        try (Stream<String> lines =
                client.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            lines.filter(line -> !line.isBlank())
                    .map(JSON::readTree)
                    .forEach(call -> durations.put(call.path("attempt_id").asString(), took(call)));
        }
        return durations;
    }

    private static Duration took(JsonNode call) {
        return Duration.between(
                Instant.parse(call.path("started_at").asString()),
                Instant.parse(call.path("ended_at").asString()));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
