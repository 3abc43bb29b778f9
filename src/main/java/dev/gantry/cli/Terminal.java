package dev.gantry.cli;

import org.jspecify.annotations.Nullable;

import java.io.Console;
import java.io.PrintStream;

/**
 * All that a command prints: answers go to standard output, what a person reads while waiting goes
 * to standard error.
 *
 * <p>Not safe for several threads.
 */
public final class Terminal {
    private static final int DEFAULT_WIDTH = 80;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final int width;
    private int drawn;

    private Terminal(PrintStream out, PrintStream err, boolean interactive, int width) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.width = width;
    }

    /** The process's own streams. */
    @SuppressWarnings("SystemConsoleNull") // since 25 it is null again where nobody watches
    public static Terminal ofProcess() {
        Console console = System.console();
        return console != null && console.isTerminal()
                ? interactive(System.out, System.err, columns(System.getenv("COLUMNS")))
                : plain(System.out, System.err);
    }

    /** Somebody watches: one line is drawn again and again. */
    public static Terminal interactive(PrintStream out, PrintStream err, int width) {
        return new Terminal(out, err, true, width);
    }

    /** A file, a pipe, a log of a build. */
    public static Terminal plain(PrintStream out, PrintStream err) {
        return new Terminal(out, err, false, DEFAULT_WIDTH);
    }

    boolean isInteractive() {
        return interactive;
    }

    int width() {
        return width;
    }

    Bars bars() {
        return Bars.of(interactive ? err.charset() : out.charset());
    }

    /** The command's answer. */
    void answer(String text) {
        erase();
        err.flush();
        out.println(text);
        out.flush();
    }

    /** The command's answer, byte for byte, whatever the terminal's charset. */
    void answer(byte[] text) {
        erase();
        err.flush();
        out.write(text, 0, text.length);
        out.println();
        out.flush();
    }

    /** A remark on the way. */
    void note(String text) {
        erase();
        err.println(text);
        err.flush();
    }

    /** Draws the line over the one before; it must be narrower than the terminal. */
    void draw(String line) {
        // Blanks instead of an escape code: every terminal understands them.
        err.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
        err.flush();
        drawn = line.length();
    }

    private void erase() {
        if (drawn > 0) {
            err.print("\r" + " ".repeat(drawn) + "\r");
            drawn = 0;
        }
    }

    private static int columns(@Nullable String text) {
        if (text == null || !text.matches("\\d{2,4}")) {
            return DEFAULT_WIDTH;
        }
        return Math.max(40, Integer.parseInt(text));
    }
}
