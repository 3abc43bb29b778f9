package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;

import dev.gantry.config.SettingsBinder;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.dialect.Chats;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Trace;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Providers;
import dev.gantry.repair.Adaptations;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.unit.DataSize;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/**
 * Every block of the page of providers starts, and its calls leave as its provider wants them: they
 * are made to a server of this test, at the path and with the query that the block says.
 */
class ProviderPageTest {
    private static final Path PAGE = Paper.DOCS.resolve("providers.md");
    private static final String CHAT =
            """
            {"model":"any","max_tokens":40,"temperature":0.3,
             "messages":[{"role":"user","content":"Hi."}]}
            """;

    /** What each instance's first chat lane is to send; keys are named after their variable. */
    private static final String EXPECTED =
"""
anthropic:main     | /v1/messages x-api-key=<ANTHROPIC_API_KEY> max_tokens
azure:dated        | /openai/deployments/gpt-5-mini/chat/completions?api-version=2024-10-21 api-key=<AZURE_OPENAI_API_KEY> max_completion_tokens
azure:sweden       | /openai/v1/chat/completions api-key=<AZURE_OPENAI_API_KEY> max_completion_tokens
bedrock:oregon     | /openai/v1/chat/completions authorization=Bearer <AWS_BEARER_TOKEN_BEDROCK> max_completion_tokens temperature
deepseek:main      | /chat/completions authorization=Bearer <DEEPSEEK_API_KEY> max_tokens temperature
gemini-openai:main | /v1beta/openai/chat/completions authorization=Bearer <GEMINI_API_KEY> max_tokens temperature
gemini:main        | /v1beta/models/gemini-3.5-flash-lite:generateContent x-goog-api-key=<GEMINI_API_KEY> maxOutputTokens temperature
groq:main          | /openai/v1/chat/completions authorization=Bearer <GROQ_API_KEY> max_completion_tokens temperature
llamacpp:desk      | /v1/chat/completions - max_tokens temperature
lmstudio:desk      | /v1/chat/completions - max_tokens temperature
mistral:main       | /v1/chat/completions authorization=Bearer <MISTRAL_API_KEY> max_tokens temperature
ollama:desk        | /v1/chat/completions - max_tokens temperature
openai:main        | /v1/chat/completions authorization=Bearer <OPENAI_API_KEY> max_completion_tokens
openrouter:main    | /api/v1/chat/completions authorization=Bearer <OPENROUTER_API_KEY> max_tokens temperature
sglang:gpu-3       | /v1/chat/completions - max_tokens temperature
vertex:global      | /v1/projects/my-project/locations/global/endpoints/openapi/chat/completions authorization=Bearer <vertex-token> max_tokens temperature
vllm:gpu-1         | /v1/chat/completions - max_tokens temperature
vllm:gpu-2         | /v1/chat/completions - max_tokens temperature
""";

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");

    @TempDir Path folder;

    private final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
    private HttpServer server;

    /** A call as it came; header names in lower case. */
    private record Heard(String target, Map<String, String> headers, JsonNode body) {}

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                call -> {
                    Map<String, String> headers = new TreeMap<>();
                    call.getRequestHeaders()
                            .forEach(
                                    (name, values) ->
                                            headers.put(
                                                    name.toLowerCase(Locale.ROOT),
                                                    String.join(",", values)));
                    JsonNode body = JsonMapper.shared().readTree(call.getRequestBody());
                    heard.add(new Heard(call.getRequestURI().toString(), headers, body));
                    byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
                    call.sendResponseHeaders(200, answer.length);
                    call.getResponseBody().write(answer);
                    call.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    static List<String> blocks() {
        return Paper.of(PAGE).blocks().stream()
                .filter(block -> block.language().equals("yaml"))
                .map(Paper.Block::text)
                .toList();
    }

    @Test
    void everyBlockStartsAsItStands() throws IOException {
        List<String> started = new ArrayList<>();
        for (String block : blocks()) {
            LaneCatalog catalog = catalog(environment(List.of(block)));
            assertThat(catalog.lanes()).isNotEmpty();
            catalog.endpoints().forEach(each -> started.add(each.id()));
        }

        assertThat(started).doesNotHaveDuplicates().hasSize(EXPECTED.split("\n").length);
    }

    @Test
    void withoutKeysOnlyServersOfOnesOwnAreLeft() throws IOException {
        var settings = SettingsBinder.bind(environment(blocks()), SettingsBinder.Secrets.UNNEEDED);
        LaneCatalog catalog = LaneCatalog.assumingLists(settings);

        assertThat(catalog.lanes())
                .filteredOn(Lane::credentials)
                .extracting(each -> each.id().tier().label())
                .containsOnly("local");
        assertThat(catalog.discovering())
                .extracting(each -> each.endpoint().id())
                .containsExactlyInAnyOrder(
                        "llamacpp:desk",
                        "lmstudio:desk",
                        "ollama:desk",
                        "sglang:gpu-3",
                        "vllm:gpu-1",
                        "vllm:gpu-2");
    }

    @Test
    void aWorkerSaysWhichKeysAreNotSet() throws IOException {
        ConfigurableEnvironment environment = environment(blocks());

        var mistakes =
                catchThrowableOfType(
                                WrongSettingsException.class,
                                () -> SettingsBinder.bind(environment))
                        .mistakes();

        assertThat(mistakes)
                .allMatch(each -> each.endsWith(" is not set"))
                .hasSizeGreaterThan(keys().size() - 2)
                .anyMatch(
                        each ->
                                each.endsWith(
                                        "the environment variable OPENAI_API_KEY is not set"));
    }

    @Test
    void allOfThemTogetherCallAsTheirProvidersWant() throws Exception {
        ConfigurableEnvironment environment = environment(blocks());
        Map<String, String> keys = keys();
        environment.getPropertySources().addFirst(rewritten(environment, keys));
        LaneCatalog catalog = catalog(environment);

        StringBuilder found = new StringBuilder();
        try (Providers providers = Calls.all(DataSize.ofMegabytes(1), catalog.endpoints())) {
            for (Lane lane : firstChatLanes(catalog)) {
                found.append(said(lane, call(providers, lane, request()), keys)).append('\n');
            }
        }

        assertThat(found.toString()).isEqualTo(EXPECTED);
        assertThat(heard).isEmpty();
    }

    @Test
    void headersOfOnesOwnGoAlongAndEmbeddingsHaveTheirOwnPath() throws IOException {
        ConfigurableEnvironment environment = environment(blocks());
        environment.getPropertySources().addFirst(rewritten(environment, keys()));
        LaneCatalog catalog = catalog(environment);

        try (Providers providers = Calls.all(DataSize.ofMegabytes(1), catalog.endpoints())) {
            Heard routed = call(providers, lane(catalog, "openai/gpt-oss-20b:free"), request());
            Heard embedded =
                    call(
                            providers,
                            lane(catalog, "text-embedding-3-small"),
                            Calls.request(Operations.EMBEDDINGS, "{\"input\":\"a\"}", Trace.NONE));

            assertThat(routed.headers())
                    .containsEntry("http-referer", "https://jobs.example.com")
                    .containsEntry("x-openrouter-title", "Nightly jobs");
            assertThat(embedded.target()).isEqualTo("/v1/embeddings");
        }
    }

    private static Lane lane(LaneCatalog catalog, String model) {
        return catalog.lanes().stream()
                .filter(each -> each.id().model().equals(model))
                .findFirst()
                .orElseThrow();
    }

    /** It has come when the answer is there. */
    private Heard call(Providers providers, Lane lane, InferenceRequest request) {
        providers
                .at(lane.target())
                .call(
                        request,
                        dispatch(lane, request),
                        Calls.LONG,
                        new Cancellation(),
                        Calls.hold(),
                        DeltaSink.NONE);
        return Objects.requireNonNull(heard.poll(), "no call came");
    }

    private static LaneCatalog catalog(ConfigurableEnvironment environment) {
        return LaneCatalog.assumingLists(
                SettingsBinder.bind(environment, SettingsBinder.Secrets.UNNEEDED));
    }

    /** Of blocks as one file; nothing of this machine. */
    private static ConfigurableEnvironment environment(List<String> blocks) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().remove("systemProperties");
        environment.getPropertySources().remove("systemEnvironment");
        for (int index = 0; index < blocks.size(); index++) {
            new YamlPropertySourceLoader()
                    .load(
                            "block " + index,
                            new ByteArrayResource(
                                    blocks.get(index).getBytes(StandardCharsets.UTF_8)))
                    .forEach(environment.getPropertySources()::addLast);
        }
        return environment;
    }

    /** By the variable, or the file, that the page reads them from; no two alike. */
    private static Map<String, String> keys() {
        Map<String, String> keys = new HashMap<>(Map.of("vertex-token", "ya29.a0f00d"));
        VARIABLE.matcher(String.join("\n", blocks()))
                .results()
                .map(each -> each.group(1))
                .forEach(name -> keys.put(name, "sk-f00d-" + name.toLowerCase(Locale.ROOT)));
        return keys;
    }

    /** The same addresses below, but here; keys, and the token's file. */
    private PropertySource<?> rewritten(
            ConfigurableEnvironment environment, Map<String, String> keys) throws IOException {
        Map<String, Object> changed = new HashMap<>(keys);
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> block) {
                for (String name : block.getPropertyNames()) {
                    if (name.endsWith(".base-url")) {
                        changed.put(name, here(String.valueOf(block.getProperty(name))));
                    } else if (name.endsWith(".api-key-file")) {
                        Path file = folder.resolve("token");
                        Files.writeString(file, keys.get("vertex-token") + "\n");
                        changed.put(name, file.toString());
                    }
                }
            }
        }
        return new MapPropertySource("rewritten", changed);
    }

    private String here(String address) {
        URI base = URI.create(address);
        String query = base.getRawQuery() == null ? "" : "?" + base.getRawQuery();
        return "http://127.0.0.1:" + server.getAddress().getPort() + base.getRawPath() + query;
    }

    /** Of each instance, by its name. */
    private static List<Lane> firstChatLanes(LaneCatalog catalog) {
        Map<String, Lane> first = new TreeMap<>();
        for (Lane lane : catalog.lanes()) {
            if (lane.id().type() == ModelType.INFERENCE) {
                first.putIfAbsent(lane.target().id(), lane);
            }
        }
        return List.copyOf(first.values());
    }

    private static InferenceRequest request() {
        return Chats.request(CHAT);
    }

    private static Attempt.Dispatch dispatch(Lane lane, InferenceRequest request) {
        return new Attempt.Dispatch(
                Calls.ATTEMPT,
                AttemptKind.PRIMARY,
                lane.id(),
                Adaptations.of(request, lane, Repair.NONE),
                "primary",
                Instant.EPOCH,
                Instant.EPOCH,
                1L,
                null,
                null,
                null);
    }

    /** The call in a line; a key that goes to another's provider would show. */
    private static String said(Lane lane, Heard call, Map<String, String> keys) {
        JsonNode body = call.body();
        assertThat(body.path("model").asString(lane.id().model())).isEqualTo(lane.id().model());
        List<String> words = new ArrayList<>(List.of(call.target(), key(call, keys)));
        JsonNode numbers = body.has("generationConfig") ? body.get("generationConfig") : body;
        numbers.properties().stream()
                .filter(each -> each.getValue().isNumber())
                .map(Map.Entry::getKey)
                .forEach(words::add);
        return "%-18s | %s".formatted(lane.target().id(), String.join(" ", words));
    }

    private static String key(Heard call, Map<String, String> keys) {
        List<String> found = new ArrayList<>();
        keys.forEach(
                (variable, key) -> {
                    assertThat(call.target() + call.body()).doesNotContain(key);
                    call.headers()
                            .forEach(
                                    (name, value) -> {
                                        if (value.contains(key)) {
                                            found.add(
                                                    name
                                                            + "="
                                                            + value.replace(
                                                                    key, "<" + variable + ">"));
                                        }
                                    });
                });
        return found.isEmpty() ? "-" : String.join(" ", found);
    }
}
