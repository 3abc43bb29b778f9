package dev.gantry.intake;

import dev.gantry.worker.RequestHandle;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.kafka.listener.BatchMessageListener;

import java.util.List;

/** Takes polled records and returns at once: the poll loop never waits for work. */
public final class RequestListener implements BatchMessageListener<byte[], byte[]> {
    private final Assignments assignments;
    private final Dispatcher dispatcher;

    public RequestListener(Assignments assignments, Dispatcher dispatcher) {
        this.assignments = assignments;
        this.dispatcher = dispatcher;
    }

    @Override
    public void onMessage(List<ConsumerRecord<byte[], byte[]>> records) {
        long now = System.nanoTime();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            AssignedPartition work =
                    assignments.of(new TopicPartition(record.topic(), record.partition()));
            if (work == null) {
                continue;
            }
            InFlightRecord inFlight = new InFlightRecord(work, record, new RequestHandle(), now);
            if (work.begin(inFlight)) {
                dispatcher.offer(inFlight);
            }
        }
    }
}
