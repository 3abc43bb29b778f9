package dev.gantry.reread;

/** Puts into words why something could not be read. */
public final class ReadFailure {
    private ReadFailure() {}

    /** With the innermost cause, which is what an operator can do something about. */
    public static String reason(Throwable trouble) {
        Throwable innermost = trouble;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost.equals(trouble) ? trouble.toString() : trouble + ": " + innermost;
    }
}
