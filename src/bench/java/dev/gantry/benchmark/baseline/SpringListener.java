package dev.gantry.benchmark.baseline;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;

/** spring-kafka as most use it: a listener that calls, a thread for each partition. */
@Configuration
@EnableKafka
public class SpringListener {
    private final Place place;
    private final Errand errand;

    SpringListener(Place place) {
        this.place = place;
        this.errand = new Errand(place);
    }

    /** Arguments: {@link Place#arguments}. */
    public static void main(String[] args) {
        start(SpringListener.class, Place.of(args));
    }

    /** Goes on after this has returned, on the listener's threads. */
    static void start(Class<?> configuration, Place place) {
        var context = new AnnotationConfigApplicationContext();
        context.registerBean("place", Place.class, () -> place);
        context.register(configuration);
        context.refresh();
        context.registerShutdownHook();
    }

    @Bean
    ConcurrentKafkaListenerContainerFactory<byte[], byte[]> kafkaListenerContainerFactory() {
        return factory(place);
    }

    static ConcurrentKafkaListenerContainerFactory<byte[], byte[]> factory(Place place) {
        var factory = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
        factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(place.consumerSettings()));
        factory.setConcurrency(place.partitions());
        factory.getContainerProperties().setConsumerRebalanceListener(new Place.Announcing());
        return factory;
    }

    @KafkaListener(topics = "#{@place.requests()}")
    void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        errand.run(record).await();
    }
}
