package dev.gantry.launch;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaException;
import dev.gantry.fleet.SchemaState;
import dev.gantry.fleet.SchemaState.Busy;
import dev.gantry.fleet.SchemaState.NotAllowed;
import dev.gantry.fleet.SchemaState.Ready;
import dev.gantry.fleet.SchemaState.Refused;
import dev.gantry.fleet.SchemaState.Unknown;
import dev.gantry.fleet.SchemaState.Unreachable;

/** The migrate command: runs what is owed and says so, or why it cannot, and ends. */
record Migration(FleetSchema schema) {
    int run() {
        SchemaState state;
        try {
            state = schema.migrate();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (SchemaException e) {
            return failed(String.valueOf(e.getMessage()));
        }
        return switch (state) {
            case Ready(int applied) -> {
                System.out.println(
                        applied == 0
                                ? "the schema is up to date"
                                : "the schema is up to date, migrations run: " + applied);
                yield 0;
            }
            case Unreachable(String reason) -> failed("the database does not answer: " + reason);
            case Refused(String reason) -> failed("the database refuses: " + reason);
            case NotAllowed(String reason) ->
                    failed("this database user may not migrate: " + reason);
            case Unknown _, Busy _ -> failed("another process migrates");
        };
    }

    private static int failed(String why) {
        System.err.println("migrate: " + why);
        return 1;
    }
}
