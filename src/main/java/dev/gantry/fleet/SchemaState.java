package dev.gantry.fleet;

/** How far the schema is; what a worker waits for. */
public sealed interface SchemaState {
    /** Nothing tried yet. */
    record Unknown() implements SchemaState {}

    /** No answer from the database, or none that lets us in. */
    record Unreachable(String reason) implements SchemaState {}

    /** The database answers, and does not take the migrations now: a lock, a timeout, a standby. */
    record Refused(String reason) implements SchemaState {}

    /** Another worker migrates. */
    record Busy() implements SchemaState {}

    /** Migrations are owed that this database user may not run. */
    record NotAllowed(String reason) implements SchemaState {}

    /**
     * Up to date.
     *
     * @param applied migrations run by this process
     */
    record Ready(int applied) implements SchemaState {}
}
