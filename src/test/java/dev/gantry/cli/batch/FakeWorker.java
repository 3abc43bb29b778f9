package dev.gantry.cli.batch;

import dev.gantry.cli.StopSignal;
import dev.gantry.inference.ResultId;
import dev.gantry.inference.SourcePosition;
import dev.gantry.request.ReplyAddress;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BiFunction;

/** Answers each request of a topic with the results that a script gives it. */
final class FakeWorker implements AutoCloseable {
    private final BrokerAccess broker;
    private final BiFunction<String, ConsumerRecord<byte[], byte[]>, List<String>> script;
    private final Ids ids;
    private final List<ConsumerRecord<byte[], byte[]>> seen = new CopyOnWriteArrayList<>();
    private final StopSignal stop = new StopSignal();
    private final FutureTask<Void> work = new FutureTask<>(this::work, null);

    private FakeWorker(
            BrokerAccess broker,
            BiFunction<String, ConsumerRecord<byte[], byte[]>, List<String>> script,
            Ids ids) {
        this.broker = broker;
        this.script = script;
        this.ids = ids;
    }

    private enum Ids {
        AS_WRITTEN,
        /** As a worker makes them, with the fleet's name beside. */
        DERIVED
    }

    /**
     * Starts at the topic's beginning.
     *
     * @param script batch id and custom id to the values to publish
     */
    static FakeWorker start(BrokerAccess broker, BiFunction<String, String, List<String>> script) {
        return start(
                broker, (batch, request) -> script.apply(batch, customId(request)), Ids.AS_WRITTEN);
    }

    /**
     * As {@link #start}, with ids that tell which request a result answers.
     *
     * @param script batch id and request to the values to publish
     */
    static FakeWorker deriving(
            BrokerAccess broker,
            BiFunction<String, ConsumerRecord<byte[], byte[]>, List<String>> script) {
        return start(broker, script, Ids.DERIVED);
    }

    private static FakeWorker start(
            BrokerAccess broker,
            BiFunction<String, ConsumerRecord<byte[], byte[]>, List<String>> script,
            Ids ids) {
        var worker = new FakeWorker(broker, script, ids);
        Thread.ofPlatform().daemon().start(worker.work);
        return worker;
    }

    static String customId(ConsumerRecord<byte[], byte[]> request) {
        return String.valueOf(ReplyAddress.of(request).customId());
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
        ReplyAddress sender = ReplyAddress.of(request);
        if (sender.customId() == null || sender.batchId() == null) {
            return;
        }
        byte[] key = (sender.batchId() + "/" + sender.customId()).getBytes(StandardCharsets.UTF_8);
        for (String value : script.apply(sender.batchId(), request)) {
            String written = ids == Ids.DERIVED ? derived(value, request) : value;
            var result =
                    new ProducerRecord<>(
                            broker.results(), key, written.getBytes(StandardCharsets.UTF_8));
            if (ids == Ids.DERIVED) {
                result.headers()
                        .add("ce_source", "/gantry/a%20fleet".getBytes(StandardCharsets.UTF_8));
            }
            var _ = results.send(result);
        }
    }

    private static String derived(String value, ConsumerRecord<?, ?> request) {
        var position =
                new SourcePosition(
                        request.topic(),
                        request.partition(),
                        request.offset(),
                        request.timestamp());
        return value.replaceFirst(
                "\"id\": \"[^\"]*\"", "\"id\": \"" + ResultId.of("a fleet", position) + "\"");
    }

    /** Throws what ended the worker before it was asked to end. */
    @Override
    public void close() {
        stop.request();
        try {
            work.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the worker broke off", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
