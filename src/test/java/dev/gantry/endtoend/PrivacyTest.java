package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Servers that echo the prompt, or show the model's words, wherever an answer has room for them.
 * They may stand in the result of the request they belong to, and nowhere else.
 */
@ExtendWith(OutputCaptureExtension.class)
@ResourceLock(Resources.SYSTEM_OUT)
class PrivacyTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** No word of these stands anywhere by accident. */
    private static final List<String> PLANTED =
            List.of("zwijgrecht", "ketlbrunn", "ploverwind", "marrowgate");

    private static final String TOKEN = "operator-0123456789abcdef0123456789abcdef";

    private static final String PROMPT = "Tell zwijgrecht about ketlbrunn at noon";
    private static final String WORDS = "The ploverwind holds marrowgate";

    private static final List<FieldCase> CASES =
            List.of(
                    answer("echo-400", 400, error(PROMPT, "invalid_request_error", null)),
                    answer("echo-401", 401, error("key of " + PROMPT, null, PROMPT)),
                    answer("echo-402", 402, error("pay for " + PROMPT, PROMPT, PROMPT)),
                    answer("echo-404", 404, error("no model " + PROMPT, null, "model_not_found")),
                    answer("echo-429", 429, error(PROMPT, "rate_limit_error", "zwijgrecht")),
                    answer("echo-500", 500, "Traceback: " + PROMPT),
                    answer("echo-503", 503, "<html>" + PROMPT + "</html>"),
                    answer("error-200", 200, error(WORDS, null, WORDS)),
                    answer("broken-200", 200, "{\"choices\":[{\"message\":{\"content\":\"" + WORDS),
                    answer("text-200", 200, WORDS),
                    answer(
                            "event-200",
                            200,
                            "data: {\"error\":{\"message\":\"%s\",\"code\":\"%s\"}}\n\n"
                                    .formatted(PROMPT, WORDS)),
                    answer(
                            "names-200",
                            200,
                            """
                            {"id":"@","model":"@","service_tier":"@","system_fingerprint":"@",
                            "choices":[{"index":0,"message":{"role":"assistant","content":"@"},
                            "finish_reason":"@"}],"usage":{"prompt_tokens":1,"completion_tokens":1,
                            "note":"@","@":1,"details":["@"],"service_tier":"@"}}"""
                                    .replace("@", WORDS)
                                    .replace("\n", "")),
                    answer("headers-500", 500, "{}")
                            .with("headers", Map.of("x-request-id", PROMPT, "x-more", PROMPT)),
                    answer("status-line", 0, "HTTP/1.1 " + PROMPT + "\r\n\r\n").with("mode", "raw"),
                    answer("no-http", 0, PROMPT + "\r\n" + WORDS).with("mode", "raw"),
                    answer("length", 0, "HTTP/1.1 200 OK\r\nContent-Length: " + WORDS + "\r\n\r\n")
                            .with("mode", "raw"));

    private static final FieldCase WARM = answer("warm", 500, "{}");

    @Test
    void whatAProviderSaysStaysWithTheRequestItSaysItTo(CapturedOutput log) throws Exception {
        Fleet fleet =
                Fleet.create()
                        .with("gantry.worker.drain-timeout", "1s")
                        .with("gantry.audit.content", "none")
                        .with("gantry.operator.token", TOKEN)
                        .with("gantry.observe.decisions", "all")
                        // Whose lane is benched ends, and need not wait for its deadline.
                        .with("gantry.routing.when-benched", "fail");
        List<FieldCase> all = Stream.concat(CASES.stream(), Stream.of(WARM)).toList();
        try (FieldServer server = new FieldServer(all);
                fleet) {
            for (FieldCase each : all) {
                fleet.provider(each.provider(), "cloud", server.baseUrl(each), FieldCase.MODEL);
            }
            try (ConfigurableApplicationContext worker =
                            Commands.startWorker(List.of(fleet.arguments()));
                    TopicReader results = fleet.read("results")) {
                fleet.send(List.of(line("warm", WARM, "Hello")));
                results.until("the worker is awake", seen -> !seen.isEmpty());
                fleet.send(lines("", PROMPT));
                awaitCalls(fleet);
                fleet.send(lines("other-", "Good morning"));
                results.until("all results", seen -> names(seen) == 1 + 2L * CASES.size());

                Map<String, String> sinks = new TreeMap<>();
                strangers(results.all(), sinks);
                for (String topic : List.of("metering", "audit", "routing")) {
                    topic(fleet, topic, sinks);
                }
                tables(fleet, sinks);
                pages(worker, sinks);
                sinks.put("log", log.getAll());
                assertThat(sinks.keySet())
                        .contains("table circuit", "page lanes", "result other-echo-402");
                assertThat(sinks)
                        .allSatisfy(
                                (name, text) -> assertThat(text).as(name).doesNotContain(PLANTED));
            }
        }
    }

    private static FieldCase answer(String id, int status, String body) {
        ObjectNode row = JSON.createObjectNode();
        row.put("id", id).put("kind", "answer").put("status", status).put("body", body);
        return new FieldCase(id, row);
    }

    private static String error(String message, @Nullable String type, @Nullable String code) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error").put("message", message).put("type", type).put("code", code);
        return error.toString();
    }

    private static List<String> lines(String prefix, String prompt) {
        return CASES.stream().map(each -> line(prefix + each.id(), each, prompt)).toList();
    }

    private static String line(String id, FieldCase each, String prompt) {
        return "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]},\"gantry\":{\"deadline\":\"%s\",\"routing\":{\"provider\":\"%s\"}}}"
                .formatted(
                        id,
                        FieldCase.MODEL,
                        prompt,
                        Instant.now().plusSeconds(60),
                        each.provider());
    }

    /** Until every server has said what it has to say. */
    private static void awaitCalls(Fleet fleet) {
        try (TopicReader metering = fleet.read("metering")) {
            metering.until(
                    "a call of each case",
                    seen ->
                            seen.stream()
                                            .map(each -> JSON.readTree(each.value()))
                                            .filter(each -> each.has("ended_at"))
                                            .map(each -> each.path("provider").asString())
                                            .distinct()
                                            .count()
                                    == 1 + CASES.size());
        }
    }

    private static long names(List<ConsumerRecord<byte[], byte[]>> seen) {
        return seen.stream().map(each -> id(JSON.readTree(each.value()))).distinct().count();
    }

    private static String id(JsonNode result) {
        return result.path("custom_id").asString();
    }

    /** Results of requests that planted nothing. */
    private static void strangers(
            List<ConsumerRecord<byte[], byte[]>> results, Map<String, String> sinks) {
        for (ConsumerRecord<byte[], byte[]> each : results) {
            JsonNode result = JSON.readTree(each.value());
            if (id(result).startsWith("other-")) {
                sinks.put("result " + id(result), result.toString());
            }
        }
    }

    private static void topic(Fleet fleet, String topic, Map<String, String> sinks) {
        try (TopicReader reader = fleet.read(topic)) {
            List<String> texts = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> each : reader.all()) {
                texts.add(new String(each.value(), StandardCharsets.UTF_8));
                Stream.of(each.headers().toArray())
                        .forEach(
                                header ->
                                        texts.add(
                                                new String(
                                                        header.value(), StandardCharsets.UTF_8)));
            }
            assertThat(texts).as(topic).isNotEmpty();
            sinks.put("topic " + topic, String.join("\n", texts));
        }
    }

    private static void tables(Fleet fleet, Map<String, String> sinks) throws Exception {
        String schema = fleet.property("gantry.database.schema");
        JdbcClient database =
                JdbcClient.create(
                        new DriverManagerDataSource(
                                fleet.property("spring.datasource.url"),
                                fleet.property("spring.datasource.username"),
                                fleet.property("spring.datasource.password")));
        Await.until("a circuit in the table", () -> !rows(database, schema + ".circuit").isEmpty());
        List<String> names =
                database
                        .sql(
                                "select table_name from information_schema.tables"
                                        + " where table_schema = :schema")
                        .param("schema", schema)
                        .query(String.class)
                        .stream()
                        .map(String::valueOf)
                        .toList();
        for (String name : names) {
            sinks.put(
                    "table " + name,
                    String.join("\n", rows(database, schema + ".\"" + name + "\"")));
        }
    }

    private static List<String> rows(JdbcClient database, String table) {
        return database.sql("select t::text from " + table + " t").query(String.class).stream()
                .map(String::valueOf)
                .toList();
    }

    private static void pages(ConfigurableApplicationContext worker, Map<String, String> sinks)
            throws Exception {
        ManagementPages pages = ManagementPages.of(worker, TOKEN);
        for (String page : List.of("lanes", "intake", "prometheus", "health", "info")) {
            sinks.put("page " + page, pages.text(page));
        }
    }
}
