package dev.gantry.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import dev.gantry.discovery.PollResult.Failed;
import dev.gantry.discovery.PollResult.Listed;
import dev.gantry.inference.Dialect;
import dev.gantry.provider.EndpointDraft;
import dev.gantry.provider.Providers;
import dev.gantry.provider.TransportSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Against a server that answers by path and query. */
class ModelPollTest {
    private final Map<String, String> answers = new HashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private Providers providers;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String target = exchange.getRequestURI().toString();
                    asked.add(
                            "%s %s %s"
                                    .formatted(
                                            exchange.getRequestMethod(),
                                            target,
                                            exchange.getRequestHeaders()
                                                    .getFirst("authorization")));
                    byte[] body =
                            answers.getOrDefault(target, "404 not found")
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(
                            answers.containsKey(target) ? 200 : 404, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        providers =
                new Providers(
                        List.of(),
                        new TransportSettings(DataSize.ofMegabytes(64)),
                        name -> {
                            throw new IllegalArgumentException(name);
                        });
    }

    @AfterEach
    void stop() {
        providers.close();
        server.stop(0);
    }

    @Test
    void asksWithTheCredentialOfTheInstance() {
        answers.put("/v1/models", "{\"data\":[{\"id\":\"b\"},{\"id\":\"a\"},{\"id\":\"b\"}]}");

        PollResult result = poll(draft("/v1").key("sk-1"));

        assertThat(result)
                .isEqualTo(
                        new Listed(List.of(ListedModel.of("a"), ListedModel.of("b")), List.of()));
        assertThat(asked).containsExactly("GET /v1/models Bearer sk-1");
    }

    @Test
    void anOldOllamaIsAskedForItsTags() {
        answers.put("/api/tags", "{\"models\":[{\"name\":\"llama3:latest\"}]}");

        assertThat(poll(draft("/v1"))).isEqualTo(listed("llama3:latest"));
    }

    @Test
    void whereNothingIsListedTheFirstAnswerIsToldAndNotQuoted() {
        assertThat(poll(draft("/v1"))).isEqualTo(new Failed("status 404"));
        assertThat(poll(draft("/v1").dialect(Dialect.GEMINI))).isEqualTo(new Failed("status 404"));
        assertThat(asked).hasSize(3);
    }

    @Test
    void followsPages() {
        answers.put(
                "/v1/models?limit=1000",
                "{\"data\":[{\"id\":\"b\"}],\"has_more\":true,\"last_id\":\"b\"}");
        answers.put("/v1/models?limit=1000&after_id=b", "{\"data\":[{\"id\":\"a\"}]}");
        answers.put(
                "/v1beta/models?v=1&pageSize=1000",
                "{\"models\":[{\"name\":\"models/y\"}],\"nextPageToken\":\"t\"}");
        answers.put(
                "/v1beta/models?v=1&pageSize=1000&pageToken=t",
                "{\"models\":[{\"name\":\"models/x\"}]}");

        assertThat(poll(draft("/v1").dialect(Dialect.ANTHROPIC))).isEqualTo(listed("a", "b"));
        assertThat(poll(draft("/v1beta/?v=1").dialect(Dialect.GEMINI))).isEqualTo(listed("x", "y"));
    }

    @Test
    void aBrokenPageIsNoList() {
        answers.put(
                "/v1/models?limit=1000",
                "{\"data\":[{\"id\":\"b\"}],\"has_more\":true,\"last_id\":\"b\"}");

        assertThat(poll(draft("/v1").dialect(Dialect.ANTHROPIC)))
                .isEqualTo(new Failed("status 404"));
    }

    @Test
    void pagesWithoutEndAreLeftAfterAWhile() {
        answers.put(
                "/v1/models?limit=1000",
                "{\"data\":[{\"id\":\"b\"}],\"has_more\":true,\"last_id\":\"b\"}");
        answers.put(
                "/v1/models?limit=1000&after_id=b",
                "{\"data\":[{\"id\":\"b\"}],\"has_more\":true,\"last_id\":\"b\"}");

        assertThat(poll(draft("/v1").dialect(Dialect.ANTHROPIC))).isEqualTo(listed("b"));
        assertThat(asked).hasSizeLessThan(15);
    }

    @Test
    void boundsWhatIsListed() {
        answers.put(
                "/v1/models",
                IntStream.range(0, 5000)
                        .mapToObj(each -> "\"m%04d\"".formatted(each))
                        .collect(Collectors.joining(",", "{\"data\":[\"a b\",", "]}")));

        Listed result = (Listed) poll(draft("/v1"));

        assertThat(result.models()).hasSize(ModelPoll.MOST_MODELS);
        assertThat(result.models().getFirst()).isEqualTo(ListedModel.of("m0000"));
        assertThat(result.leftOut()).hasSize(2).allMatch(each -> !each.contains("a b"));
    }

    @Test
    void aListThatIsTooLargeIsNotRead() {
        answers.put("/v1/models", " ".repeat((4 << 20) + 1));

        assertThat(poll(draft("/v1"))).isEqualTo(new Failed("a list of more than 4194304 bytes"));
    }

    @Test
    void whoIsNotThereIsToldWithoutAKey() {
        server.stop(0);

        Failed failed = (Failed) poll(draft("/v1").key("sk-very-secret"));

        assertThat(failed.why()).contains("refused").doesNotContain("secret");
    }

    private EndpointDraft draft(String path) {
        return new EndpointDraft(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
    }

    private PollResult poll(EndpointDraft endpoint) {
        return new ModelPoll(ModelDiscovery.source(providers)).of(endpoint.build());
    }

    private static Listed listed(String... names) {
        return new Listed(List.of(names).stream().map(ListedModel::of).toList(), List.of());
    }
}
