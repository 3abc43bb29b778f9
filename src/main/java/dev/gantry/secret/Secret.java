package dev.gantry.secret;

/** A value that no log, message or toString may show. */
public record Secret(String value) {
    public boolean isEmpty() {
        return value.isBlank();
    }

    @Override
    public String toString() {
        return value.isBlank() ? "" : "***";
    }
}
