package dev.gantry.testbed;

import dev.gantry.delivery.Origin;
import dev.gantry.delivery.SpoolOffice;
import dev.gantry.delivery.TopicSettings;
import dev.gantry.fleet.SchemaName;

import org.springframework.boot.context.properties.bind.Binder;

import java.time.InstantSource;

import javax.sql.DataSource;

/** The spool's office as the command line makes it, with the shipped names of topics. */
public final class SpoolOffices {
    private SpoolOffices() {}

    public static SpoolOffice of(DataSource dataSource, SchemaName schema) {
        return new SpoolOffice(
                dataSource,
                schema,
                new Binder().bindOrCreate("none", TopicSettings.class),
                new Origin("test", "operator", "test"),
                InstantSource.system());
    }
}
