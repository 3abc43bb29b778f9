package dev.gantry.testbed;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** The settings of one test's fleet: topics, group and schema of its own on the shared parts. */
public final class Fleet implements AutoCloseable {
    /** By their names in {@code gantry.topics}. */
    public static final List<String> TOPICS =
            List.of(
                    "requests",
                    "results",
                    "chunks",
                    "metering",
                    "audit",
                    "routing",
                    "dead-letters");

    private static final int PARTITIONS = 6;
    private static final int LARGEST = 4 << 20;

    private final String name = SharedBroker.unique("fleet");
    private final String bootstrapServers;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final KafkaProducer<byte[], byte[]> producer;

    private Fleet(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        SharedDatabase.Address database = SharedDatabase.address();
        properties.put("spring.kafka.bootstrap-servers", bootstrapServers);
        properties.put("spring.datasource.url", database.url());
        properties.put("spring.datasource.username", database.username());
        properties.put("spring.datasource.password", database.password());
        properties.put("gantry.deployment", name);
        properties.put("gantry.database.schema", SharedDatabase.uniqueSchema());
        properties.put("gantry.worker.group", name);
        properties.put("gantry.topics.partitions", Integer.toString(PARTITIONS));
        for (String topic : TOPICS) {
            properties.put("gantry.topics." + topic, topic(topic));
        }
        properties.put("management.server.port", "0");
        properties.put("logging.structured.format.console", "");
        producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "enable.idempotence",
                                "false",
                                "max.request.size",
                                LARGEST,
                                // Every worker gets its part of every lot.
                                "partitioner.class",
                                RoundRobinPartitioner.class.getName()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
    }

    public static Fleet create() {
        return new Fleet(SharedBroker.bootstrapServers());
    }

    /** On a broker of the caller's own. */
    public static Fleet createOn(String bootstrapServers) {
        return new Fleet(bootstrapServers);
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** The fleet's own topic, by its name in {@code gantry.topics}. */
    public String topic(String key) {
        return name + "." + key;
    }

    /** Any property, without its dashes. */
    public Fleet with(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** A provider without credentials whose models are ids, each priced. */
    public Fleet provider(String provider, String tier, URI baseUrl, String... models) {
        String prefix = "gantry.providers." + provider + ".";
        properties.put(prefix + "tier", tier);
        properties.put(prefix + "auth", "none");
        properties.put(prefix + "instances.main.base-url", baseUrl.toString());
        for (int each = 0; each < models.length; each++) {
            String model = prefix + "models[" + each + "].";
            properties.put(model + "id", models[each]);
            properties.put(model + "context-window", "100000");
            properties.put(model + "max-output-tokens", "4000");
            properties.put(model + "price.input", "0.25");
            properties.put(model + "price.cached-input", "0.025");
            properties.put(model + "price.output", "2.00");
        }
        return this;
    }

    /** What a property was set to. */
    public String property(String key) {
        String value = properties.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is not set");
        }
        return value;
    }

    public String[] arguments() {
        List<String> arguments = new ArrayList<>();
        properties.forEach((key, value) -> arguments.add("--" + key + "=" + value));
        return arguments.toArray(String[]::new);
    }

    /** Starts a worker as a process of its own. */
    public WorkerProcess startWorker(String worker) throws IOException {
        return startWorker(worker, List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
    }

    public WorkerProcess startWorker(String worker, List<String> jvmOptions) throws IOException {
        return WorkerProcess.start(worker, jvmOptions, arguments());
    }

    /** Starts a worker whose log is the jar's, in a file. */
    public WorkerProcess startShipped(String worker) throws IOException {
        return WorkerProcess.startShipped(worker, shipped());
    }

    /** The same on a terminal. */
    public WorkerProcess startOnTerminal(String worker, Map<String, String> environment)
            throws IOException {
        return WorkerProcess.startOnTerminal(worker, environment, shipped());
    }

    private String[] shipped() {
        return Arrays.stream(arguments())
                .filter(each -> !each.startsWith("--logging."))
                .toArray(String[]::new);
    }

    public void send(List<String> lines) throws ExecutionException, InterruptedException {
        sendBytes(lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList());
    }

    /** So many short questions to a model; returns their names, which begin with the stem. */
    public List<String> ask(String model, String stem, int count)
            throws ExecutionException, InterruptedException {
        List<String> names = RequestLines.names(stem, count);
        send(names.stream().map(each -> RequestLines.chat(each, model)).toList());
        return names;
    }

    /** Records as they are, also such as are no text. */
    public void sendBytes(List<byte[]> values) throws ExecutionException, InterruptedException {
        List<Future<?>> sent = new ArrayList<>();
        for (byte[] value : values) {
            sent.add(producer.send(new ProducerRecord<>(topic("requests"), value)));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    /** To another topic of the fleet's own than its requests. */
    public void sendTo(String key, List<String> lines)
            throws ExecutionException, InterruptedException {
        List<Future<?>> sent = new ArrayList<>();
        for (String line : lines) {
            byte[] value = line.getBytes(StandardCharsets.UTF_8);
            sent.add(producer.send(new ProducerRecord<>(topic(key), value)));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    /** To one partition of the requests. */
    public void send(int partition, List<String> lines)
            throws ExecutionException, InterruptedException {
        List<Future<?>> sent = new ArrayList<>();
        for (String line : lines) {
            byte[] value = line.getBytes(StandardCharsets.UTF_8);
            sent.add(
                    producer.send(new ProducerRecord<>(topic("requests"), partition, null, value)));
        }
        for (Future<?> each : sent) {
            each.get();
        }
    }

    public TopicReader read(String key) {
        return new TopicReader(topic(key), bootstrapServers);
    }

    @Override
    public void close() {
        producer.close();
    }
}
