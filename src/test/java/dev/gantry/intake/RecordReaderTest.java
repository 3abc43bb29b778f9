package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Reads single records of a real broker. */
class RecordReaderTest {
    private final AtomicInteger consumers = new AtomicInteger();
    private final Map<String, String> written = new HashMap<>();
    private final AtomicInteger fetched = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void givesEveryCallerItsOwnRecord() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Topic topic = filled(4, 8_000);
                RecordReader reader = new RecordReader(this::consumer);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> reads = new ArrayList<>();
            for (int each = 0; each < 1_000; each++) {
                TopicPartition partition = new TopicPartition(topic.name(), random.nextInt(4));
                long offset = random.nextInt(2_000);
                reads.add(() -> reads(reader, partition, offset));
            }

            List<Future<Boolean>> answers = callers.invokeAll(reads);

            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).as("seed %d", seed).isTrue();
            }
            assertThat(consumers).hasValue(1);
        }
    }

    @Test
    void seeksToARecordInsteadOfReadingUpToIt() throws Exception {
        try (Topic topic = filled(1, 8_000);
                RecordReader reader = new RecordReader(this::consumer)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            boolean first = reads(reader, partition, 3);
            boolean last = reads(reader, partition, 7_990);

            assertThat(first && last).isTrue();
            assertThat(fetched.get()).isLessThan(4_000);
        }
    }

    @Test
    void saysOfADeletedRecordThatItIsGone() throws Exception {
        try (Topic topic = filled(1, 1_000);
                Admin admin = Admin.create(address());
                RecordReader reader = new RecordReader(this::consumer)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(500))).all().get();

            boolean kept = reads(reader, partition, 500);

            assertThat(kept).isTrue();
            assertThatThrownBy(() -> reader.read(partition, 499))
                    .isInstanceOf(RecordGone.class)
                    .hasMessage(partition + "@499 is no longer on the broker");
        }
    }

    @Test
    void freesACallerThatIsInterrupted() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread caller =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            reader.read(partition, 10);
                                        } catch (InterruptedException | RecordGone e) {
                                            end.set(e);
                                        }
                                    });

            caller.interrupt();

            assertThat(caller.join(Duration.ofSeconds(10))).isTrue();
            assertThat(end.get()).isInstanceOf(InterruptedException.class);
            assertThat(reads(reader, partition, 9)).isTrue();
        }
    }

    @Test
    void closesAConsumerThatNobodyNeedsAndMakesANewOneWhenSomebodyDoes() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, Duration.ofMillis(50))) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            boolean before = reads(reader, partition, 4);
            boolean idle = closed.await(20, TimeUnit.SECONDS);
            boolean after = reads(reader, partition, 5);

            assertThat(before && idle && after).isTrue();
            assertThat(consumers).hasValue(2);
        }
    }

    /** Whether the record found is the one that was written there. */
    private boolean reads(RecordReader reader, TopicPartition partition, long offset)
            throws InterruptedException, RecordGone {
        ConsumerRecord<byte[], byte[]> record = reader.read(partition, offset);
        return new String(record.value(), StandardCharsets.UTF_8)
                .equals(written.get(partition.partition() + "@" + offset));
    }

    private Topic filled(int partitions, int records) throws Exception {
        Topic topic = Topic.create("reread", partitions);
        List<byte[]> values = new ArrayList<>();
        for (int each = 0; each < records; each++) {
            values.add(("record " + each).getBytes(StandardCharsets.UTF_8));
        }
        List<RecordMetadata> places = topic.send(values, partitions);
        for (int each = 0; each < records; each++) {
            RecordMetadata place = places.get(each);
            written.put(
                    place.partition() + "@" + place.offset(),
                    new String(values.get(each), StandardCharsets.UTF_8));
        }
        return topic;
    }

    private static Map<String, Object> address() {
        return Map.of("bootstrap.servers", SharedBroker.bootstrapServers());
    }

    private Consumer<byte[], byte[]> consumer() {
        consumers.incrementAndGet();
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        SharedBroker.bootstrapServers(),
                        "auto.offset.reset",
                        "none",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer()) {
            @Override
            public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
                ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
                fetched.addAndGet(records.count());
                return records;
            }

            @Override
            public void close() {
                super.close();
                closed.countDown();
            }
        };
    }
}
