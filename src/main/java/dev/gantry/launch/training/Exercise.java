package dev.gantry.launch.training;

import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a worker needs to work, within this process and for nobody else: nothing it does leaves
 * the process, and nobody pays for it.
 */
public final class Exercise implements AutoCloseable {
    private static final String REQUESTS = "gantry.requests";
    private static final String RESULTS = "gantry.results";

    /** Read while the lot before is worked on. */
    private static final int LOT = 600;

    /** For the path of most requests to be most of what the JVM sees. */
    private static final int PLAIN_IN_A_ROW = 20;

    private static final String TEXT = "Say in a sentence what a lane is. ".repeat(16);

    private static final Script SCRIPT =
            Script.parse(
                    """
                    {"models": {
                        "flaky": {"faults": [{"fault": "server", "chance": 0.1},
                                             {"fault": "rate_limit", "chance": 0.1, "retry_after": "1ms"}]},
                        "large": {"faults": [{"fault": "oversize", "bytes": 200000, "framing": "chunked"}]}}}
                    """);

    /** What is not plain, in turn: each way that a request can go. */
    private static final List<String> OTHERS =
            List.of(
                    chat("flaky", ""),
                    chat("m", ",\"stream\":true"),
                    chat("claude", ""),
                    chat("gemini", ""),
                    chat("m", ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"),
                    line("/v1/responses", "\"model\":\"m\",\"input\":\"" + TEXT + "\""),
                    line("/v1/completions", "\"model\":\"m\",\"prompt\":\"" + TEXT + "\""),
                    line("/v1/embeddings", "\"model\":\"e\",\"input\":[\"a\",\"b\"]"),
                    line("/v1/moderations", "\"model\":\"j\",\"input\":\"" + TEXT + "\""),
                    chat("large", ""),
                    chat("nobody-has-it", ""),
                    "{\"custom_id\":\"%s\",\"body\":{}}");

    private final SimulatedProvider provider;
    private final LoopbackBroker broker;
    private final LoopbackDatabase database;
    private int asked;

    private Exercise(SimulatedProvider provider, LoopbackBroker broker, LoopbackDatabase database) {
        this.provider = provider;
        this.broker = broker;
        this.database = database;
    }

    public static Exercise open() throws IOException {
        SimulatedProvider provider =
                SimulatedProvider.start(
                        SCRIPT, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        return new Exercise(provider, new LoopbackBroker(), new LoopbackDatabase());
    }

    /** The arguments of a worker that takes part. */
    public List<String> settings() {
        List<String> settings =
                new ArrayList<>(
                        List.of(
                                "--spring.config.location=optional:classpath:/",
                                "--spring.kafka.bootstrap-servers=" + broker.bootstrapServers(),
                                "--spring.datasource.url=" + database.url(),
                                "--logging.structured.format.console=ecs",
                                "--management.server.port=0",
                                "--gantry.topics.requests=" + REQUESTS,
                                "--gantry.topics.results=" + RESULTS,
                                "--gantry.topics.partitions=6",
                                "--gantry.worker.max-in-flight=256"));
        settings.addAll(
                provider("openai", "", "m", "m2", "flaky", "large", "e:embedding", "j:moderation"));
        settings.addAll(provider("anthropic", "", "claude"));
        settings.addAll(provider("gemini", "beta", "gemini"));
        return settings;
    }

    private List<String> provider(String dialect, String version, String... models) {
        String key = "--gantry.providers." + dialect;
        String url = provider.address().resolve("/v1" + version).toString();
        List<String> settings =
                new ArrayList<>(
                        List.of(
                                key + ".dialect=" + dialect,
                                key + ".tier=local",
                                key + ".auth=none",
                                key + ".instances.a.base-url=" + url,
                                key + ".instances.b.base-url=" + url));
        for (int each = 0; each < models.length; each++) {
            String[] model = models[each].split(":", 2);
            String prefix = key + ".models[" + each + "].";
            settings.add(prefix + "id=" + model[0]);
            settings.add(prefix + "type=" + (model.length > 1 ? model[1] : "inference"));
            settings.add(prefix + "context-window=100000");
            settings.add(prefix + "max-output-tokens=4000");
            settings.add(prefix + "capabilities=streaming,tools");
            settings.add(prefix + "price.input=0.25");
            settings.add(prefix + "price.output=2.00");
        }
        return settings;
    }

    /**
     * Has the worker answer requests, at its own speed.
     *
     * @param limit also of the wait for a worker that does not begin
     * @return how many it has answered
     */
    public int work(int requests, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        if (!broker.awaitSize(REQUESTS, 0, limit)) {
            return 0;
        }
        int answered = 0;
        int sent = 0;
        while (answered < requests) {
            while (sent < requests && sent - answered <= LOT) {
                int lot = Math.min(LOT, requests - sent);
                broker.append(REQUESTS, lines(lot));
                sent += lot;
            }
            int wanted = Math.min(requests, answered + LOT);
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (!broker.awaitSize(RESULTS, wanted, left)) {
                break;
            }
            answered = wanted;
        }
        return answered;
    }

    private List<byte[]> lines(int count) {
        List<byte[]> lines = new ArrayList<>(count);
        for (int each = 0; each < count; each++, asked++) {
            String line =
                    asked % PLAIN_IN_A_ROW == 0
                            ? OTHERS.get(asked / PLAIN_IN_A_ROW % OTHERS.size())
                            : chat("m", "");
            lines.add(line.formatted("r" + asked).getBytes(StandardCharsets.UTF_8));
        }
        return lines;
    }

    private static String chat(String model, String more) {
        return line(
                "/v1/chat/completions",
                "\"model\":\"%s\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s"
                        .formatted(model, TEXT, more));
    }

    private static String line(String url, String body) {
        return "{\"custom_id\":\"%%s\",\"url\":\"%s\",\"body\":{%s}}".formatted(url, body);
    }

    @Override
    public void close() throws IOException {
        try (provider;
                broker;
                database) {
            // Each, whatever becomes of the others.
        }
    }
}
