package dev.gantry.cli;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The output and the error file: written as results come, so that they can be followed. */
final class ResultFiles implements Closeable {
    private final OutputStream out;
    private final OutputStream errors;

    private ResultFiles(OutputStream out, OutputStream errors) {
        this.out = out;
        this.errors = errors;
    }

    /** Where they are. */
    record Paths(Path out, Path errors) {}

    /** Starts both from scratch. */
    static ResultFiles create(Paths paths) throws IOException {
        OutputStream out = open(paths.out());
        try {
            return new ResultFiles(out, open(paths.errors()));
        } catch (IOException e) {
            out.close();
            throw e;
        }
    }

    void writeOutput(byte[] line) throws IOException {
        write(out, line);
    }

    void writeError(byte[] line) throws IOException {
        write(errors, line);
    }

    void flush() throws IOException {
        out.flush();
        errors.flush();
    }

    private static OutputStream open(Path path) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(path), 64 * 1024);
    }

    /** A line end inside a JSON text can only be white space; a line of the file must hold none. */
    private static void write(OutputStream file, byte[] line) throws IOException {
        int start = 0;
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                file.write(line, start, i - start);
                file.write(' ');
                start = i + 1;
            }
        }
        file.write(line, start, line.length - start);
        file.write('\n');
    }

    @Override
    public void close() throws IOException {
        try (errors) {
            out.close();
        }
    }
}
