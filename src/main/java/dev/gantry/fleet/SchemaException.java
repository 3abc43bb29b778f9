package dev.gantry.fleet;

import org.jspecify.annotations.Nullable;

/** The schema cannot be brought up to date, and waiting will not help. */
public final class SchemaException extends RuntimeException {
    SchemaException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
