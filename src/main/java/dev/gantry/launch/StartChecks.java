package dev.gantry.launch;

import dev.gantry.config.Codecs;
import dev.gantry.config.DatabaseKeys;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** What is checked before anything is built, so that one sentence says what is wrong. */
final class StartChecks {
    private static final Logger log = LoggerFactory.getLogger(StartChecks.class);

    private StartChecks() {}

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
