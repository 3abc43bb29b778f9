package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.kept.SpoolDesk;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import javax.sql.DataSource;

/** What spool needs: the database. */
@Configuration(proxyBeanMethods = false)
@Import({SettingsConfiguration.class, StartChecks.OfDatabase.class})
@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
class SpoolConfiguration {
    @Bean
    SpoolDesk spoolDesk(DataSource dataSource, GantrySettings settings) {
        return new SpoolDesk(dataSource, settings.database().schema());
    }
}
