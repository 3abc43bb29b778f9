package dev.gantry.launch;

import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.broker.KafkaDefaults;
import dev.gantry.intake.membership.ProtocolChoice;
import dev.gantry.request.RequestTopic;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import java.util.HashMap;
import java.util.Map;

/** What submit and collect need: the broker. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({SslAutoConfiguration.class, KafkaAutoConfiguration.class})
class BatchConfiguration {
    @Bean
    BrokerAccess brokerAccess(
            GantrySettings settings,
            KafkaProperties kafka,
            KafkaConnectionDetails connection,
            Environment environment) {
        KafkaDefaults defaults =
                new KafkaDefaults(kafka, connection, environment, settings.worker());
        Map<String, Object> consumer = new HashMap<>(defaults.consumerProperties());
        consumer.putIfAbsent(
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                (int) ProtocolChoice.CLASSIC_SESSION.toMillis());
        return new BrokerAccess(
                defaults.producerProperties(),
                consumer,
                defaults.adminProperties(),
                settings.usualTopic(),
                settings.sources().stream().map(RequestTopic::name).toList(),
                settings.topics().results(),
                settings.topics().metering(),
                settings.topics().routing(),
                settings.worker().group());
    }
}
