package dev.gantry.cli;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/** Answers each request of a topic with the results that a script gives it. */
final class FakeWorker implements AutoCloseable {
    private final BrokerAccess broker;
    private final BiFunction<String, String, List<String>> script;
    private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
    private final StopSignal stop = new StopSignal();
    private final Thread thread;

    private FakeWorker(BrokerAccess broker, BiFunction<String, String, List<String>> script) {
        this.broker = broker;
        this.script = script;
        this.thread = Thread.ofVirtual().unstarted(this::work);
    }

    /**
     * Starts at the topic's beginning.
     *
     * @param script batch id and custom id to the values to publish
     */
    static FakeWorker start(BrokerAccess broker, BiFunction<String, String, List<String>> script) {
        var worker = new FakeWorker(broker, script);
        worker.thread.start();
        return worker;
    }

    /** The requests so far. */
    List<ConsumerRecord<byte[], byte[]>> seen() {
        return seen;
    }

    private void work() {
        try (Consumer<byte[], byte[]> requests = broker.openConsumer();
                Producer<byte[], byte[]> results = broker.openProducer()) {
            List<TopicPartition> partitions =
                    requests.partitionsFor(broker.requests()).stream()
                            .map(each -> new TopicPartition(each.topic(), each.partition()))
                            .toList();
            requests.assign(partitions);
            while (!stop.requested()) {
                requests.poll(Duration.ofMillis(50)).forEach(record -> answer(record, results));
            }
        }
    }

    private void answer(ConsumerRecord<byte[], byte[]> request, Producer<byte[], byte[]> results) {
        seen.add(request);
        if (RequestLine.parse(request.value()) instanceof RequestLine.Legible(String id, _)) {
            var batch =
                    new String(
                            request.headers().lastHeader("gantry-batch-id").value(),
                            StandardCharsets.UTF_8);
            byte[] key = (batch + "/" + id).getBytes(StandardCharsets.UTF_8);
            for (String value : script.apply(batch, id)) {
                var _ =
                        results.send(
                                new ProducerRecord<>(
                                        broker.results(),
                                        key,
                                        value.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    @Override
    public void close() {
        stop.request();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
