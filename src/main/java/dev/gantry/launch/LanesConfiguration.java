package dev.gantry.launch;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.CircuitKey;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.LaneCatalog;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import java.util.LinkedHashSet;
import java.util.Set;

import javax.sql.DataSource;

/** What lanes needs: the database. */
@Configuration(proxyBeanMethods = false)
@Import({SettingsConfiguration.class, StartChecks.OfDatabase.class})
@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
class LanesConfiguration {
    @Bean
    CircuitAdmin admin(DataSource dataSource, GantrySettings settings) {
        return new CircuitAdmin(dataSource, settings.database().schema());
    }

    /** Those of the lanes that this command's own configuration lists, if it does. */
    static Set<CircuitKey> listed(GantrySettings settings) {
        Set<CircuitKey> listed = new LinkedHashSet<>();
        LaneCatalog.of(settings)
                .lanes()
                .forEach(
                        lane -> {
                            listed.add(CircuitKey.ofInstance(lane.id()));
                            listed.add(CircuitKey.ofLane(lane.id()));
                        });
        return listed;
    }
}
