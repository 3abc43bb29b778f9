package dev.gantry.launch;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaState;

/** The migrate command: runs what is owed and says so; waits for an absent database. */
record Migration(FleetSchema schema) {
    int run() {
        try {
            schema.awaitMigrated();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        }
        if (schema.state() instanceof SchemaState.Ready(int applied)) {
            System.out.println(
                    applied == 0
                            ? "the schema is up to date"
                            : "the schema is up to date, migrations run: " + applied);
        }
        return 0;
    }
}
