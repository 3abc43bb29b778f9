package dev.gantry.benchmark.baseline;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;

import java.util.List;

/** Confluent's parallel-consumer without order: a pool's thread for each call. */
public final class ParallelConsumerLoop {
    private ParallelConsumerLoop() {}

    /** Arguments: {@link Place#arguments}. */
    public static void main(String[] args) {
        Place place = Place.of(args);
        Errand errand = new Errand(place);
        var options =
                ParallelConsumerOptions.<byte[], byte[]>builder()
                        .consumer(place.consumer())
                        .ordering(ProcessingOrder.UNORDERED)
                        .commitMode(CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS)
                        .maxConcurrency(place.inFlight())
                        .build();
        ParallelStreamProcessor<byte[], byte[]> processor =
                ParallelStreamProcessor.createEosStreamProcessor(options);
        processor.subscribe(List.of(place.requests()), new Place.Announcing());
        processor.poll(
                context -> {
                    try {
                        errand.run(context.getSingleConsumerRecord()).await();
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });
    }
}
