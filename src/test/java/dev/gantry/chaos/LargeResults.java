package dev.gantry.chaos;

import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.Fleet;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A fleet's results, of whose answers only the length is kept: all of them would fill the heap. */
final class LargeResults implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Pattern FILLER = Pattern.compile("x{1000,}");

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<ConsumedRecord> words = new ArrayList<>();

    LargeResults(Fleet fleet) {
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                fleet.bootstrapServers(),
                                "isolation.level",
                                "read_committed"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        String topic = fleet.topic("results");
        consumer.assign(
                consumer.partitionsFor(topic).stream()
                        .map(each -> new TopicPartition(topic, each.partition()))
                        .toList());
        consumer.seekToBeginning(consumer.assignment());
    }

    /** Reads on until so many requests have their results. */
    List<ConsumedRecord> until(int requests) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Set<String> ids = new HashSet<>();
        words.forEach(each -> ids.add(each.id()));
        while (ids.size() < requests) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("%d results of %d".formatted(ids.size(), requests));
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                ConsumedRecord consumedRecord = shortened(ConsumedRecord.of(record));
                words.add(consumedRecord);
                ids.add(consumedRecord.id());
            }
        }
        return List.copyOf(words);
    }

    private static ConsumedRecord shortened(ConsumedRecord consumedRecord) {
        String text =
                FILLER.matcher(consumedRecord.text())
                        .replaceAll(found -> "x times " + found.group().length());
        return new ConsumedRecord(
                consumedRecord.id(),
                consumedRecord.headers(),
                text,
                JsonMapper.shared().readTree(text));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
