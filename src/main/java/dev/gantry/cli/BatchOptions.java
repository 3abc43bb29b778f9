package dev.gantry.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What submit and collect are told alike.
 *
 * @param springOptions dotted options of the command line, repeated in the line that resumes
 */
record BatchOptions(ResultFiles.Paths paths, Report report, List<String> springOptions) {
    BatchOptions {
        springOptions = List.copyOf(springOptions);
    }

    /** The form of the answer on standard output. */
    enum Report {
        TEXT,
        JSON
    }

    /**
     * Reads --out, --errors and --json.
     *
     * @param stem what the default names of the files are built from
     */
    static BatchOptions of(CommandLine line, CommandLine.Grammar grammar, String stem) {
        Path out = Path.of(line.value("out").orElse(stem + ".out.jsonl"));
        Path errors = Path.of(line.value("errors").orElse(stem + ".err.jsonl"));
        // Both may be /dev/null.
        if (same(out, errors) && (Files.notExists(out) || Files.isRegularFile(out))) {
            throw grammar.refuse("--out and --errors are the same file: " + out);
        }
        return new BatchOptions(
                new ResultFiles.Paths(out, errors),
                line.has("json") ? Report.JSON : Report.TEXT,
                line.springOptions());
    }

    /** Whether one of the files would overwrite that one. */
    boolean overwrites(Path file) {
        return same(paths.out(), file) || same(paths.errors(), file);
    }

    private static boolean same(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
}
