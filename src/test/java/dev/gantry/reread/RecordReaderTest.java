package dev.gantry.reread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.reread.RecordReader.Patience;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Reads single records of a real broker. */
class RecordReaderTest {
    private static final FetchGuard.Bounds BOUNDS = new FetchGuard.Bounds(1 << 20, 8 << 20);
    private static final Patience HASTE =
            new Patience(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(20));

    /** With partitions that say nothing: what is not there yet is waited for. */
    private static final Patience ENDLESS =
            new Patience(Duration.ofMinutes(1), Duration.ofDays(1), Duration.ofMillis(500));

    private final AtomicInteger consumers = new AtomicInteger();
    private final Map<String, String> written = new HashMap<>();
    private final AtomicInteger fetched = new AtomicInteger();
    private final Queue<RuntimeException> troubles = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    @Test
    void givesEveryCallerItsOwnRecord() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Topic topic = filled(4, 10_000);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> reads = new ArrayList<>();
            for (int caller = 0; caller < 200; caller++) {
                List<Long> offsets = random.longs(10, 0, 2_500).boxed().toList();
                TopicPartition partition = new TopicPartition(topic.name(), caller % 4);
                reads.add(() -> readsAll(reader, partition, offsets));
            }

            List<Future<Boolean>> answers = callers.invokeAll(reads);

            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).as("seed %d", seed).isTrue();
            }
            assertThat(consumers).hasValue(1);
        }
    }

    @Test
    void givesTheSameRecordToAllWhoWishForIt() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            List<Future<Boolean>> answers =
                    callers.invokeAll(Collections.nCopies(50, () -> reads(reader, partition, 7)));

            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
        }
    }

    @Test
    void seeksToARecordInsteadOfReadingUpToIt() throws Exception {
        try (Topic topic = filled(1, 8_000);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            boolean all = readsAll(reader, partition, List.of(3L, 7_990L, 1_500L, 6_000L));

            assertThat(all).isTrue();
            assertThat(fetched.get()).isLessThanOrEqualTo(4 * 500);
        }
    }

    @Test
    void readsAWholePartitionAboutOnce() throws Exception {
        CountDownLatch wishing = new CountDownLatch(10_000);
        try (Topic topic = filled(1, 10_000);
                RecordReader reader = new RecordReader(() -> consumerAfter(wishing), BOUNDS);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            List<Callable<Boolean>> reads = new ArrayList<>();
            for (long offset = 0; offset < 10_000; offset++) {
                long wished = offset;
                reads.add(
                        () -> {
                            wishing.countDown();
                            return reads(reader, partition, wished);
                        });
            }
            Collections.shuffle(reads, new Random(1));

            List<Future<Boolean>> answers = callers.invokeAll(reads);

            for (Future<Boolean> answer : answers) {
                assertThat(answer.get()).isTrue();
            }
            // The last wishes may come while others are served already.
            assertThat(fetched.get()).isLessThan(50_000);
        }
    }

    @Test
    void saysOfADeletedRecordThatItIsGone() throws Exception {
        try (Topic topic = filled(1, 1_000);
                Admin admin = Admin.create(address());
                RecordReader reader = new RecordReader(this::consumer, BOUNDS)) {
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
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, ENDLESS)) {
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

            assertThat(caller.join(Duration.ofMinutes(1))).isTrue();
            assertThat(end.get()).isInstanceOf(InterruptedException.class);
            assertThat(reads(reader, partition, 9)).isTrue();
        }
    }

    @Test
    void saysOfARecordWhoseTransactionWasAbortedThatItIsGone() throws Exception {
        try (Topic topic = Topic.create("reread", 1);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, ENDLESS)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            long aborted = sendAbortedThenCommitted(topic.name());

            // The mark of the abort stands between the two.
            assertThat(reader.read(partition, aborted + 2).value()).isEqualTo(bytes("committed"));
            assertThatThrownBy(() -> reader.read(partition, aborted))
                    .isInstanceOf(RecordGone.class);
        }
    }

    @Test
    void saysOfARecordWhoseTopicWasDeletedThatItIsGone() throws Exception {
        try (Topic topic = filled(2, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            boolean before = reads(reader, new TopicPartition(topic.name(), 0), 2);
            topic.delete();

            assertThat(before).isTrue();
            assertThatThrownBy(() -> reader.read(new TopicPartition(topic.name(), 1), 3))
                    .isInstanceOf(RecordGone.class);
        }
    }

    @Test
    void saysOfARecordPastTheEndThatItIsGone() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            assertThatThrownBy(() -> reader.read(partition, 10)).isInstanceOf(RecordGone.class);
            assertThatThrownBy(() -> reader.read(partition, 99)).isInstanceOf(RecordGone.class);
        }
    }

    @Test
    void closesAConsumerThatNobodyNeedsAndMakesANewOneWhenSomebodyDoes() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);

            boolean before = reads(reader, partition, 4);
            boolean idle = closed.await(60, TimeUnit.SECONDS);
            boolean after = reads(reader, partition, 5);

            assertThat(before && idle && after).isTrue();
            assertThat(consumers).hasValue(2);
        }
    }

    @Test
    void freesWhoWaitsWhenItIsClosed() throws Exception {
        RecordReader reader = new RecordReader(this::consumer, BOUNDS, ENDLESS);
        try (Topic topic = filled(1, 10);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            Future<Boolean> waiting = callers.submit(() -> reads(reader, partition, 10));
            Await.until("a consumer is made", () -> consumers.get() == 1);

            reader.close();

            assertThatThrownBy(waiting::get).hasCauseInstanceOf(InterruptedException.class);
            assertThatThrownBy(() -> reader.read(partition, 1))
                    .isInstanceOf(InterruptedException.class);
            assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void readsOnAfterATroubleThatPasses() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            troubles.addAll(List.of(new KafkaException("garbled"), new KafkaException("garbled")));

            assertThat(reads(reader, partition, 4)).isTrue();
            assertThat(consumers).hasValue(3);
        }
    }

    @Test
    void bearsWithTheBrokerForAsLongAsItTakes() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            for (int each = 0; each < 20; each++) {
                troubles.add(new TopicAuthorizationException("not yet"));
            }

            assertThat(reads(reader, partition, 4)).isTrue();
        }
    }

    @Test
    void aBugEndsTheWishAndNotTheReader() throws Exception {
        try (Topic topic = filled(1, 10);
                RecordReader reader = new RecordReader(this::consumer, BOUNDS, HASTE)) {
            TopicPartition partition = new TopicPartition(topic.name(), 0);
            RuntimeException bug = new IllegalStateException("a bug");
            troubles.addAll(List.of(bug, bug, bug));

            assertThatThrownBy(() -> reader.read(partition, 4))
                    .hasMessage(partition + "@4 cannot be read again")
                    .hasCause(bug);
            assertThat(reads(reader, partition, 4)).isTrue();
        }
    }

    private boolean readsAll(RecordReader reader, TopicPartition partition, List<Long> offsets)
            throws InterruptedException, RecordGone {
        boolean all = true;
        for (long offset : offsets) {
            all &= reads(reader, partition, offset);
        }
        return all;
    }

    /** Whether the record found is the one that was written there. */
    private boolean reads(RecordReader reader, TopicPartition partition, long offset)
            throws InterruptedException, RecordGone {
        ConsumerRecord<byte[], byte[]> record = reader.read(partition, offset);
        return new String(record.value(), StandardCharsets.UTF_8)
                .equals(written.get(partition.partition() + "@" + offset));
    }

    private static long sendAbortedThenCommitted(String topic) throws Exception {
        Map<String, Object> settings = new HashMap<>(address());
        settings.put("transactional.id", topic);
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            RecordMetadata aborted =
                    producer.send(new ProducerRecord<>(topic, bytes("aborted"))).get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, bytes("committed"))).get();
            producer.commitTransaction();
            return aborted.offset();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
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

    /** Made once nearly all wishes are known. */
    private Consumer<byte[], byte[]> consumerAfter(CountDownLatch wishing) {
        try {
            assertThat(wishing.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return consumer();
    }

    private Consumer<byte[], byte[]> consumer() {
        consumers.incrementAndGet();
        Map<String, Object> settings = new HashMap<>(address());
        settings.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(
                RefetchPass.properties(settings),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer()) {
            @Override
            public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
                RuntimeException trouble = troubles.poll();
                if (trouble != null) {
                    throw trouble;
                }
                ConsumerRecords<byte[], byte[]> records = super.poll(timeout);
                fetched.addAndGet(records.count());
                return records;
            }

            @Override
            public void close(CloseOptions options) {
                super.close(options);
                closed.countDown();
            }
        };
    }
}
