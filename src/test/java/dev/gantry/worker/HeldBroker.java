package dev.gantry.worker;

import dev.gantry.testbed.Await;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Future;

/** The Kafka client's own mock, which takes records at once until it is told to hold them. */
final class HeldBroker {
    private volatile boolean holds;

    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                @Override
                public synchronized Future<RecordMetadata> send(
                        ProducerRecord<byte[], byte[]> record, Callback callback) {
                    Future<RecordMetadata> sent = super.send(record, callback);
                    if (!holds) {
                        completeNext();
                    }
                    return sent;
                }
            };

    Producer<byte[], byte[]> producer() {
        return producer;
    }

    /** From now on records are not safe. */
    void hold() {
        holds = true;
    }

    /** All records are safe, and those to come. */
    void takeAll() {
        holds = false;
        while (producer.completeNext()) {
            // one more
        }
    }

    void await(String topic) throws Exception {
        Await.until(topic + " has a record", () -> topics().contains(topic));
    }

    List<String> topics() {
        return producer.history().stream().map(ProducerRecord::topic).toList();
    }

    List<String> values(String topic) {
        return producer.history().stream()
                .filter(each -> each.topic().equals(topic))
                .map(each -> new String(each.value(), StandardCharsets.UTF_8))
                .toList();
    }
}
