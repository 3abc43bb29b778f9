package dev.gantry.cli.result;

import dev.gantry.cli.result.ResultFile.Replacement;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** The output and the error file: written as results come. */
public final class ResultFiles implements Closeable {
    private final ResultFile out;
    private final ResultFile errors;

    private ResultFiles(ResultFile out, ResultFile errors) {
        this.out = out;
        this.errors = errors;
    }

    /** Where they are. */
    public record Paths(Path out, Path errors) {
        /** Where what belongs to them is kept. */
        public Path folder() {
            Path file = ResultFile.isStream(out) ? errors : out;
            Path folder = ResultFile.isStream(file) ? null : file.getParent();
            return folder == null ? Path.of("") : folder;
        }
    }

    public static ResultFiles open(Paths paths, Replacement replacement) throws IOException {
        ResultFile out = ResultFile.open(paths.out(), replacement);
        try {
            return new ResultFiles(out, ResultFile.open(paths.errors(), replacement));
        } catch (IOException e) {
            out.close();
            throw e;
        }
    }

    void writeOutput(byte[] line) throws IOException {
        out.write(line);
    }

    void writeError(byte[] line) throws IOException {
        errors.write(line);
    }

    void flush() throws IOException {
        out.flush();
        errors.flush();
    }

    /** Each request's result is in them. */
    public void complete() throws IOException {
        out.complete();
        errors.complete();
    }

    /** Whether a file of an earlier run was left as it was, instead of a part of this one. */
    public boolean leftOld() {
        return out.leftOld() || errors.leftOld();
    }

    @Override
    public void close() throws IOException {
        try (errors) {
            out.close();
        }
    }
}
