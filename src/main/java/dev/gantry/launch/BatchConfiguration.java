package dev.gantry.launch;

import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.broker.KafkaDefaults;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

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
        return new BrokerAccess(
                defaults.producerProperties(),
                defaults.consumerProperties(),
                defaults.adminProperties(),
                settings.topics().requests(),
                settings.topics().results(),
                settings.topics().metering(),
                settings.topics().routing(),
                settings.worker().group());
    }
}
