package dev.gantry.benchmark.baseline;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.support.Acknowledgment;

import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * spring-kafka with virtual threads: the listener hands a record on, and whoever has called
 * acknowledges it, out of order.
 */
@Configuration
@EnableKafka
public class SpringAsyncListener {
    private final Place place;
    private final Errand errand;
    private final Semaphore slots;

    SpringAsyncListener(Place place) {
        this.place = place;
        this.errand = new Errand(place);
        this.slots = new Semaphore(place.inFlight());
    }

    /** Arguments: {@link Place#arguments}. */
    public static void main(String[] args) {
        SpringListener.start(SpringAsyncListener.class, Place.of(args));
    }

    @Bean
    ConcurrentKafkaListenerContainerFactory<byte[], byte[]> kafkaListenerContainerFactory() {
        var factory = SpringListener.factory(place);
        Map<String, Object> settings = place.consumerSettings();
        // A container polls no more until all that it polled is acknowledged.
        settings.put("max.poll.records", Math.max(1, place.inFlight() / place.partitions()));
        factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(settings));
        factory.getContainerProperties().setAckMode(AckMode.MANUAL);
        factory.getContainerProperties().setAsyncAcks(true);
        return factory;
    }

    @KafkaListener(topics = "#{@place.requests()}")
    void take(ConsumerRecord<byte[], byte[]> record, Acknowledgment acknowledgment)
            throws InterruptedException {
        slots.acquire();
        Thread.ofVirtual().start(() -> run(record, acknowledgment));
    }

    private void run(ConsumerRecord<byte[], byte[]> record, Acknowledgment acknowledgment) {
        try {
            errand.run(record).await();
            acknowledgment.acknowledge();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            slots.release();
        }
    }
}
