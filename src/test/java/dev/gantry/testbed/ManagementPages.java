package dev.gantry.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * What a worker's management port shows.
 *
 * @param token sent with each request; null: none is
 */
public record ManagementPages(int port, @Nullable String token) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Of a worker in this process. */
    public static ManagementPages of(
            ConfigurableApplicationContext worker, @Nullable String token) {
        String port = worker.getEnvironment().getProperty("local.management.port");
        return new ManagementPages(Integer.parseInt(String.valueOf(port)), token);
    }

    /** A page below {@code /actuator}; an empty object while nobody listens. */
    public String text(String path) throws IOException, InterruptedException {
        try {
            return send(request(path)).body();
        } catch (ConnectException _) {
            return "{}";
        }
    }

    public JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(text(path));
    }

    /** What readiness says of the work. */
    public JsonNode work() throws IOException, InterruptedException {
        return json("health/readiness").at("/components/work/details");
    }

    public void awaitReady() throws Exception {
        Await.until("ready", () -> json("health/readiness").at("/status").asString().equals("UP"));
    }

    /** The first of the metrics whose line begins so. */
    public double metric(String start) throws IOException, InterruptedException {
        String line =
                text("prometheus")
                        .lines()
                        .filter(each -> each.startsWith(start))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no metric begins so: " + start));
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** A request for such a page, to be changed before it is sent. */
    public HttpRequest.Builder request(String path) {
        URI page = URI.create("http://127.0.0.1:" + port + "/actuator/" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(page);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    public HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
    }
}
