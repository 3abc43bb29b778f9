package dev.gantry.launch;

import dev.gantry.config.Codecs;
import dev.gantry.config.DatabaseKeys;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.KafkaDefaults;
import dev.gantry.config.SettingsBinder;
import dev.gantry.config.WrongSettingsException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** What is checked before anything is built, so that one sentence says what is wrong. */
final class StartChecks {
    private static final Logger log = LoggerFactory.getLogger(StartChecks.class);

    private StartChecks() {}

    /** All of them, of a configuration that was read again. */
    record Again(KafkaConnectionDetails connection) {
        /**
         * @throws WrongSettingsException in the words of a start
         */
        GantrySettings of(ConfigurableEnvironment environment) {
            try {
                return checked(environment);
            } catch (BindException e) {
                throw WrongSettingsException.unreadable(e);
            }
        }

        private GantrySettings checked(ConfigurableEnvironment environment) {
            DatabaseKeys.check(environment);
            Codecs.check(environment);
            GantrySettings settings = SettingsBinder.bind(environment);
            KafkaProperties kafka =
                    Binder.get(environment).bindOrCreate("spring.kafka", KafkaProperties.class);
            // Asking for what it has to say has it check what each client will be given.
            var _ = new KafkaDefaults(kafka, connection, environment, settings.worker()).notices();
            return settings;
        }
    }

    /** For all that uses the database. */
    @Configuration(proxyBeanMethods = false)
    static class OfDatabase {
        @Bean
        static BeanFactoryPostProcessor databaseCheck(Environment environment) {
            return _ -> DatabaseKeys.check(environment).forEach(log::warn);
        }
    }

    /** For all that uses the broker. */
    @Configuration(proxyBeanMethods = false)
    static class OfBroker {
        @Bean
        static BeanFactoryPostProcessor codecCheck(Environment environment) {
            return _ -> Codecs.check(environment);
        }
    }
}
