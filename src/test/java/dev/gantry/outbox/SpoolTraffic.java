package dev.gantry.outbox;

import dev.gantry.event.OutboundRecord;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A publisher with a spool under steady traffic from four threads, and the account of what was
 * sent, what was called safe, and what stands on the topics in the end.
 */
public final class SpoolTraffic implements AutoCloseable {
    static final Duration DETECTION = Duration.ofMillis(1500);
    private static final int THREADS = 4;
    private static final AtomicLong NAMES = new AtomicLong();

    private final String bootstrapServers;
    private final List<String> topics;
    private final Publisher publisher;
    private final Set<String> sent = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> safe = new ConcurrentHashMap<>();

    /** Of each thread. */
    private final AtomicLongArray longestSendNanos = new AtomicLongArray(THREADS);

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean on = true;

    public SpoolTraffic(String bootstrapServers, SpoolSettings spool)
            throws ExecutionException, InterruptedException {
        this.bootstrapServers = bootstrapServers;
        String run = "-" + NAMES.incrementAndGet();
        this.topics = List.of("results" + run, "metering" + run, "audit" + run);
        createTopics();
        this.publisher =
                new Publisher(() -> producer(bootstrapServers), spool, InstantSource.system());
        publisher.learn(topics);
        publisher.startSpooling();
        long seed = new Random().nextLong();
        System.out.println("SpoolTraffic seed " + seed);
        for (int each = 0; each < THREADS; each++) {
            int number = each;
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> feed(number, new Random(seed + number))));
        }
    }

    static KafkaProducer<byte[], byte[]> producer(String bootstrapServers) {
        Map<String, Object> properties = new HashMap<>(Publisher.producerDefaults(2 << 20));
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("delivery.timeout.ms", (int) DETECTION.toMillis());
        properties.put("request.timeout.ms", 1000);
        return new KafkaProducer<>(
                properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void createTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Topic.make(
                    admin, topics.stream().map(name -> new NewTopic(name, 3, (short) 1)).toList());
        }
    }

    public Publisher publisher() {
        return publisher;
    }

    public int safeCount() {
        return safe.size();
    }

    private void feed(int thread, Random random) {
        for (int number = 0; on; number++) {
            String id = thread + "/" + number;
            OutboundRecord record = record(topics.get(random.nextInt(3)), id, random.nextInt(2000));
            sent.add(id);
            long started = System.nanoTime();
            publisher.send(record, () -> safe.merge(id, 1, Integer::sum));
            longestSendNanos.accumulateAndGet(thread, System.nanoTime() - started, Math::max);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2 + random.nextInt(4)));
        }
    }

    private static OutboundRecord record(String topic, String id, int size) {
        return new OutboundRecord(
                topic,
                id.getBytes(StandardCharsets.UTF_8),
                List.of(new RecordHeader("ce_id", id.getBytes(StandardCharsets.UTF_8))),
                new byte[size]);
    }

    /** Ends the traffic; returns once all that was sent is safe. */
    public void stop() throws Exception {
        on = false;
        for (Thread each : threads) {
            each.join();
        }
        Await.until("all that was sent is called safe", () -> safe.size() == sent.size());
    }

    /**
     * The longest that callers were held; about {@code max.block.ms}, is the promise. An outage
     * holds all of them, the machine may stop one for longer: that one is left out.
     */
    public Duration longestSend() {
        return Duration.ofNanos(
                IntStream.range(0, THREADS)
                        .mapToLong(longestSendNanos::get)
                        .sorted()
                        .skip(THREADS - 2)
                        .findFirst()
                        .orElseThrow());
    }

    public static Duration mostHeld() {
        return Duration.ofSeconds(1); // most of it for a busy machine
    }

    /**
     * What is wrong with the account: empty if each record stands on its topic, called safe once.
     */
    public List<String> wrong() {
        Map<String, Integer> published = read();
        List<String> wrong = new ArrayList<>();
        Set<String> lost = new HashSet<>(sent);
        lost.removeAll(published.keySet());
        if (!lost.isEmpty()) {
            wrong.add("lost " + lost.size() + ": " + lost.stream().limit(5).toList());
        }
        if (!safe.keySet().equals(sent)) {
            wrong.add("sent " + sent.size() + ", safe " + safe.size());
        }
        if (safe.values().stream().anyMatch(each -> each != 1)) {
            wrong.add("called safe more than once");
        }
        long twice = published.values().stream().filter(each -> each > 1).count();
        System.out.println(
                "sent %d, spooled %d, drained %d, on the topics twice %d, longest send %s"
                        .formatted(
                                sent.size(),
                                publisher.spool().spooled(),
                                publisher.spool().drained(),
                                twice,
                                longestSend()));
        return wrong;
    }

    private Map<String, Integer> read() {
        Map<String, Integer> published = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "auto.offset.reset",
                                "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    topics.stream()
                            .flatMap(topic -> consumer.partitionsFor(topic).stream())
                            .map(each -> new TopicPartition(each.topic(), each.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream()
                    .anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(
                                each ->
                                        published.merge(
                                                new String(each.key(), StandardCharsets.UTF_8),
                                                1,
                                                Integer::sum));
            }
        }
        return published;
    }

    @Override
    public void close() {
        on = false;
        publisher.close();
    }
}
