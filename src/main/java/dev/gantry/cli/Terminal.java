package dev.gantry.cli;

import org.jspecify.annotations.Nullable;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * All that a command prints: answers go to standard output, what a person reads while waiting goes
 * to standard error. Whatever a text holds, it cannot steer the terminal ({@link Visible}).
 *
 * <p>Not safe for several threads.
 */
public final class Terminal {
    private static final int DEFAULT_WIDTH = 80;
    private static final int NARROWEST = 40;
    private static final Path TERMINAL = Path.of("/dev/tty");
    // A console is one only if input is a terminal, too; this tells of the output alone.
    private static final Path OUTPUT = Path.of("/proc/self/fd/1");

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final Output output;
    private final int width;
    private int drawn;
    private boolean unheard;

    private enum Output {
        SCREEN,
        PIPE,
        OTHER
    }

    private Terminal(
            PrintStream out, PrintStream err, boolean interactive, Output output, int width) {
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.output = output;
        this.width = width;
    }

    /** The process's own streams. */
    @SuppressWarnings("SystemConsoleNull") // since 25 it is null again where nobody watches
    public static Terminal ofProcess() {
        Console console = System.console();
        return console != null && console.isTerminal()
                ? interactive(System.out, System.err, columns(System.getenv("COLUMNS")))
                : new Terminal(
                        System.out, System.err, false, output(), columns(System.getenv("COLUMNS")));
    }

    /** Whether a person reads what this process prints, whatever its input is. */
    public static boolean isWatched() {
        return output() == Output.SCREEN;
    }

    /** Somebody watches: one line is drawn again and again. */
    public static Terminal interactive(PrintStream out, PrintStream err, int width) {
        return new Terminal(out, err, true, Output.SCREEN, width);
    }

    /** A file, a pipe, a log of a build. */
    public static Terminal plain(PrintStream out, PrintStream err) {
        return new Terminal(out, err, false, Output.OTHER, DEFAULT_WIDTH);
    }

    public boolean isInteractive() {
        return interactive;
    }

    public int width() {
        return width;
    }

    public Bars bars() {
        return Bars.of(interactive ? err.charset() : out.charset());
    }

    /** The command's answer, of one or more lines. */
    public void answer(String text) {
        print(Visible.lines(text));
    }

    /** The command's answer as JSON; it stays the same JSON. */
    public void answerJson(String json) {
        print(Visible.json(json));
    }

    /** The command's answer, JSON too: byte for byte, unless somebody looks at it. */
    public void answer(byte[] json) {
        if (output == Output.SCREEN) {
            answerJson(new String(json, StandardCharsets.UTF_8));
            return;
        }
        erase();
        err.flush();
        out.write(json, 0, json.length);
        end();
    }

    private void print(String text) {
        erase();
        err.flush();
        out.print(text);
        end();
    }

    private void end() {
        out.println();
        unheard |= out.checkError();
    }

    /** A remark on the way: one sentence, on one line. */
    public void note(String text) {
        erase();
        err.println(Visible.sentence(text));
        err.flush();
    }

    /** A remark of several lines, such as how a command is written. */
    public void explain(String text) {
        erase();
        err.println(Visible.lines(text));
        err.flush();
    }

    /** Whether an answer could not be printed: who goes on would do so for nobody. */
    public boolean unheard() {
        return unheard;
    }

    /**
     * What the command's code becomes if its answer could not be printed. A pipe takes no more when
     * its reader has gone, such as {@code head}, which has seen what it wanted.
     */
    public int conclude(int code) {
        if (!unheard || output == Output.PIPE) {
            return code;
        }
        note("standard output cannot be written: it is closed, or its disk is full");
        return code == ExitCode.SUCCEEDED.code() ? ExitCode.TROUBLE.code() : code;
    }

    /** Draws the line over the one before; it must be narrower than the terminal. */
    public void draw(String text) {
        String line = Visible.line(text);
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

    private static Output output() {
        try {
            String device = Files.readSymbolicLink(OUTPUT).toString();
            if (device.startsWith("pipe:")) {
                return Output.PIPE;
            }
            boolean screen =
                    device.startsWith("/dev/pts/")
                            || device.startsWith("/dev/tty")
                            || device.equals("/dev/console");
            return screen ? Output.SCREEN : Output.OTHER;
        } catch (IOException | UnsupportedOperationException _) {
            return Output.OTHER; // no such file system here
        }
    }

    /** What the environment says, else what the terminal does. */
    private static int columns(@Nullable String text) {
        String said = text == null ? size() : text;
        return said.matches("\\d{2,4}")
                ? Math.max(NARROWEST, Integer.parseInt(said))
                : DEFAULT_WIDTH;
    }

    /** Shells keep COLUMNS to themselves; empty where there is no terminal. */
    private static String size() {
        try {
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(TERMINAL.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String said =
                    new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return said.strip().replaceFirst(".* ", "");
        } catch (IOException _) {
            return "";
        }
    }
}
