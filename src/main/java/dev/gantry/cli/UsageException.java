package dev.gantry.cli;

/** A command line that cannot be obeyed; the caller prints the message and ends with code 2. */
public final class UsageException extends RuntimeException {
    private final String usage;

    UsageException(String message, String usage) {
        super(message);
        this.usage = usage;
    }

    /** How the command is written. */
    public String usage() {
        return usage;
    }
}
