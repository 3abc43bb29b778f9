package dev.gantry.benchmark.baseline;

import reactor.core.publisher.Mono;
import reactor.kafka.receiver.KafkaReceiver;
import reactor.kafka.receiver.ReceiverOptions;
import reactor.kafka.receiver.ReceiverRecord;

import java.time.Duration;
import java.util.List;

/** Reactor Kafka, with offsets that are committed out of order. */
public final class ReactorLoop {
    private ReactorLoop() {}

    /** Arguments: {@link Place#arguments}. */
    public static void main(String[] args) {
        Place place = Place.of(args);
        Errand errand = new Errand(place);
        ReceiverOptions<byte[], byte[]> options =
                ReceiverOptions.<byte[], byte[]>create(place.consumerSettings())
                        .commitInterval(Duration.ofSeconds(1))
                        .maxDeferredCommits(Integer.MAX_VALUE)
                        .addAssignListener(_ -> System.out.println(Place.READY))
                        .subscription(List.of(place.requests()));
        KafkaReceiver.create(options)
                .receive()
                .flatMap(record -> answered(errand, record), place.inFlight())
                .blockLast();
    }

    private static Mono<Void> answered(Errand errand, ReceiverRecord<byte[], byte[]> record) {
        return Mono.fromFuture(() -> errand.start(record))
                .doOnSuccess(_ -> record.receiverOffset().acknowledge());
    }
}
