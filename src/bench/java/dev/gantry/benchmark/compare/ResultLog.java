package dev.gantry.benchmark.compare;

import dev.gantry.testbed.Fleet;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Reads a party's results. When each was there, its own time says, which the broker gave it: how
 * soon it is read here does not matter.
 */
final class ResultLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Scenario scenario;

    ResultLog(Scenario scenario, Fleet fleet, int partitions) {
        this.scenario = scenario;
        this.consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                fleet.bootstrapServers(),
                                "fetch.min.bytes",
                                "1000000",
                                "fetch.max.wait.ms",
                                "200",
                                "max.poll.records",
                                "10000"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        List<TopicPartition> all =
                IntStream.range(0, partitions)
                        .mapToObj(each -> new TopicPartition(fleet.topic("results"), each))
                        .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    /** Looks at a counted request's first result. */
    interface Reader {
        void see(String key, ConsumerRecord<byte[], byte[]> result);
    }

    /** The results of one lot, of its counted requests only. */
    final class Results {
        private final int from;
        private final long[] answeredMillis;
        private final int expected;
        private final Reader reader;
        private int answered;
        private int repeated;

        private Results(RequestSource.Lot lot, Reader reader) {
            this.from = lot.from();
            this.answeredMillis = new long[lot.count()];
            this.expected = scenario.counted(lot.from(), lot.count());
            this.reader = reader;
        }

        /** Reads on until this share is answered, or for so long nothing more is. */
        void await(double share, Duration patience) {
            int enough = (int) Math.ceil(expected * share);
            long last = System.nanoTime();
            while (answered < enough && System.nanoTime() - last < patience.toNanos()) {
                int before = answered;
                consumer.poll(POLL).forEach(this::see);
                last = answered > before ? System.nanoTime() : last;
            }
        }

        int expected() {
            return expected;
        }

        int answered() {
            return answered;
        }

        /** Results beyond a request's first. */
        int repeated() {
            return repeated;
        }

        /** When a request was first answered, since 1970, by its place in the lot; 0: never. */
        long answeredMillis(int place) {
            return answeredMillis[place];
        }

        /** When results came, ascending. */
        long[] times() {
            return Arrays.stream(answeredMillis).filter(each -> each > 0).sorted().toArray();
        }

        private void see(ConsumerRecord<byte[], byte[]> record) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            int number = Integer.parseInt(key.substring(1));
            if (number < from
                    || number >= from + answeredMillis.length
                    || !scenario.counts(number)) {
                return; // of another lot: late, or uncounted
            }
            if (answeredMillis[number - from] > 0) {
                repeated++;
                return;
            }
            answered++;
            answeredMillis[number - from] = record.timestamp();
            reader.see(key, record);
        }
    }

    Results of(RequestSource.Lot lot) {
        return new Results(lot, (_, _) -> {});
    }

    /** Keeps the values too, by key. */
    Results of(RequestSource.Lot lot, Map<String, byte[]> values) {
        return new Results(lot, (key, result) -> values.put(key, result.value()));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
