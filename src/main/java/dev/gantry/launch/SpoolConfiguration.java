package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.event.Origin;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.outbox.SpoolRepair;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import java.time.InstantSource;

import javax.sql.DataSource;

/** What spool needs: the database. */
@Configuration(proxyBeanMethods = false)
@Import({SettingsConfiguration.class, StartChecks.OfDatabase.class})
@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
class SpoolConfiguration {
    @Bean
    SpoolAdmin admin(DataSource dataSource, GantrySettings settings) {
        SpoolRepair office =
                new SpoolRepair(
                        dataSource,
                        settings.database().schema(),
                        settings.topics(),
                        new Origin(settings.deployment(), "operator", "operator"),
                        InstantSource.system());
        return new SpoolAdmin(dataSource, settings.database().schema(), office);
    }
}
