package dev.gantry.worker;

/** How far a record's work has come when the handler lets go of its thread. */
public sealed interface Stage permits Stage.Done, Parked {
    /** The last call has ended; the completion tells when all of it is safe. */
    record Done() implements Stage {}
}
