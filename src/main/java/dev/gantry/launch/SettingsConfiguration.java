package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.SettingsBinder;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The settings, bound and checked before anything is built of them. */
@Configuration(proxyBeanMethods = false)
class SettingsConfiguration {
    @Bean
    GantrySettings gantrySettings(ConfigurableEnvironment environment) {
        return SettingsBinder.bind(environment);
    }
}
