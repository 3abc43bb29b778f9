package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Pairs of one feature each, kept as files: a request in OpenAI's form and what is sent for it, an
 * answer of the provider's and what becomes of it. {@code gaps} and {@code changes} are what
 * routing and the attempt say of the request; {@code facts} are what the attempt says of the
 * answer.
 */
public class GoldenPairsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Path FILES = Path.of("src/test/resources/golden/dialect");
    static final Map<String, String> HEADERS =
            Map.of("date", "Fri, 20 Nov 2026 10:00:00 GMT", "request-id", "req_1");

    static Stream<Path> files() throws IOException {
        return files("json");
    }

    static Stream<Path> files(String type) throws IOException {
        try (Stream<Path> files = Files.walk(FILES)) {
            return files
                    .filter(each -> each.toString().endsWith("." + type))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void isTranslatedAsItsFileSays(Path file) throws IOException {
        ObjectNode pair = (ObjectNode) JSON.readTree(Files.readString(file));

        ObjectNode found = found(pair, file);

        assertThat(found.toPrettyString()).isEqualTo(pair.toPrettyString());
    }

    /** Of requests of the Responses API, which is none, the one that they are translated into. */
    static Dialect dialect(Path file) {
        return Stream.of(Dialect.values())
                .filter(each -> file.startsWith(FILES.resolve(each.label())))
                .findFirst()
                .orElse(Dialect.OPENAI);
    }

    static Operation operation(Path file) {
        return file.startsWith(FILES.resolve("responses")) ? Operations.RESPONSES : Operations.CHAT;
    }

    /** The same pair with everything that we make of it. */
    public static ObjectNode found(ObjectNode pair, Path file) {
        Dialect dialect = dialect(file);
        ObjectNode found = JSON.createObjectNode();
        found.set("model", pair.get("model"));
        String body = pair.path("request").isObject() ? pair.get("request").toString() : "{}";
        InferenceRequest request = Chats.request(operation(file), body);
        var dispatch = Chats.dispatch(request, dialect, pair.get("model").stringValue());
        WireFormat format = Chats.format(request, dispatch, dialect);
        if (pair.has("request")) {
            found.set("request", pair.get("request"));
            list(found, "gaps", DialectGaps.in(dialect, Operations.CHAT, request));
            list(
                    found,
                    "changes",
                    DialectGaps.changes(dialect, Operations.CHAT, request).stream()
                            .map(Object::toString)
                            .toList());
            found.set("sent", Chats.sent(format.request(request, dispatch)));
        }
        if (pair.has("answered")) {
            int status = pair.path("status").asInt(200);
            if (pair.has("status")) {
                found.put("status", status);
            }
            found.set("answered", pair.get("answered"));
            byte[] answered = pair.get("answered").toString().getBytes(StandardCharsets.UTF_8);
            answer(found, format.answer(Operations.CHAT, status, HEADERS, answered));
        }
        return found;
    }

    static void answer(ObjectNode found, WireFormat.Reading reading) {
        Answer answer = reading.answer();
        if (answer.body().isJson()) {
            found.set("answer", JSON.readTree(answer.body().text()));
        } else {
            found.put("answer", answer.body().text());
        }
        found.putObject("facts")
                .put("good", reading.good())
                .put("keeps_own_words", answer.own() != null)
                .put("finish_reason", answer.finishReason())
                .put("service_tier", answer.serviceTier())
                .put("mended", String.join(" ", answer.mended()))
                .set("usage", usage(answer.usage()));
    }

    private static @Nullable JsonNode usage(@Nullable Usage usage) {
        if (usage == null) {
            return null;
        }
        ObjectNode json = JSON.createObjectNode();
        json.put("input", usage.input())
                .put("cache_read", usage.cacheRead())
                .put("cache_write", usage.cacheWrite())
                .put("output", usage.output())
                .put("reasoning", usage.reasoning())
                .put("raw", usage.raw() != null);
        new TreeMap<>(usage.counters()).forEach(json::put);
        return json;
    }

    private static void list(ObjectNode found, String name, List<String> entries) {
        if (!entries.isEmpty()) {
            entries.forEach(found.putArray(name)::add);
        }
    }
}
