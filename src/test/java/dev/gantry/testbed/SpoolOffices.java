package dev.gantry.testbed;

import dev.gantry.event.Origin;
import dev.gantry.event.TopicSettings;
import dev.gantry.fleet.SchemaName;
import dev.gantry.outbox.SpoolRepair;

import org.springframework.boot.context.properties.bind.Binder;

import java.time.InstantSource;

import javax.sql.DataSource;

/** The spool's admin as the command line makes it, with the shipped names of topics. */
public final class SpoolOffices {
    private SpoolOffices() {}

    public static SpoolRepair of(DataSource dataSource, SchemaName schema) {
        return new SpoolRepair(
                dataSource,
                schema,
                new Binder().bindOrCreate("none", TopicSettings.class),
                new Origin("test", "operator", "test"),
                InstantSource.system());
    }
}
