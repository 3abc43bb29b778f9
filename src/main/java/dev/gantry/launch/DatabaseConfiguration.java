package dev.gantry.launch;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.event.Origin;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.CircuitKey;
import dev.gantry.outbox.SpoolAdmin;
import dev.gantry.outbox.SpoolRepair;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Set;

import javax.sql.DataSource;

/** What lanes, spool and migrate need: the database. */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration(DataSourceAutoConfiguration.class)
class DatabaseConfiguration {
    @Bean
    CircuitAdmin circuitAdmin(DataSource dataSource, GantrySettings settings) {
        return new CircuitAdmin(dataSource, settings.database().schema());
    }

    @Bean
    LanesCommand.Means lanesMeans(
            CircuitAdmin circuits,
            DataSource dataSource,
            DataSourceProperties database,
            GantrySettings settings) {
        SchemaName schema = settings.database().schema();
        return new LanesCommand.Means(
                circuits,
                new RecordedLanes(dataSource, schema),
                listed(settings),
                schema.at(database.determineUrl()));
    }

    @Bean
    SpoolAdmin spoolAdmin(DataSource dataSource, GantrySettings settings) {
        SpoolRepair admin =
                new SpoolRepair(
                        dataSource,
                        settings.database().schema(),
                        settings.topics(),
                        new Origin(settings.deployment(), "operator", "operator"),
                        InstantSource.system());
        return new SpoolAdmin(dataSource, settings.database().schema(), admin);
    }

    @Bean
    Migration migration(DataSource dataSource, GantrySettings settings) {
        return new Migration(new FleetSchema(dataSource, settings.database().schema()));
    }

    /** Those of the lanes that the command's own configuration lists, if it does. */
    static Set<CircuitKey> listed(GantrySettings settings) {
        Set<CircuitKey> listed = new LinkedHashSet<>();
        LaneCatalog.assumingLists(settings)
                .lanes()
                .forEach(
                        lane -> {
                            listed.add(CircuitKey.ofInstance(lane.id()));
                            listed.add(CircuitKey.ofLane(lane.id()));
                        });
        return listed;
    }
}
