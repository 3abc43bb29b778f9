package dev.gantry.fleet;

/** The schema cannot be brought up to date, and waiting will not help. */
public final class SchemaException extends RuntimeException {
    SchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
