package dev.gantry.cli.batch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.result.ResultFile;
import dev.gantry.cli.result.ResultFiles;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What submit and collect are told alike.
 *
 * @param topic that requests go to; null: the usual one
 * @param springOptions dotted options of the command line, repeated in the line that resumes
 */
record BatchOptions(
        ResultFiles.Paths paths,
        Report report,
        @Nullable String topic,
        List<String> springOptions) {
    BatchOptions {
        springOptions = List.copyOf(springOptions);
    }

    /** The form of the answer on standard output. */
    enum Report {
        TEXT,
        JSON
    }

    /**
     * Reads --out, --errors, --topic and --json.
     *
     * @param stem what the default names of the files are built from
     */
    static BatchOptions of(CommandLine line, CommandLine.Grammar grammar, String stem) {
        Optional<Path> given = line.value("out").map(name -> grammar.path("--out", name));
        Path out = given.orElseGet(() -> grammar.path("FILE", stem + ".out.jsonl"));
        Path errors =
                line.value("errors")
                        .map(name -> grammar.path("--errors", name))
                        .orElseGet(() -> errorsBeside(given.orElse(null), grammar, stem));
        // Both may be /dev/null.
        if (same(out, errors) && !ResultFile.isStream(out)) {
            throw grammar.refuse("--out and --errors are the same file: " + out);
        }
        return new BatchOptions(
                new ResultFiles.Paths(out, errors),
                line.has("json") ? Report.JSON : Report.TEXT,
                line.value("topic").orElse(null),
                line.springOptions());
    }

    /** Beside a pipe or a device nothing can be. */
    private static Path errorsBeside(@Nullable Path out, CommandLine.Grammar grammar, String stem) {
        return out == null || ResultFile.isStream(out)
                ? grammar.path("FILE", stem + ".err.jsonl")
                : grammar.path("--out", out + ".err.jsonl");
    }

    /** Whether one of the files would overwrite that one. */
    boolean overwrites(Path file) {
        return same(paths.out(), file) || same(paths.errors(), file);
    }

    private static boolean same(Path one, Path other) {
        try {
            if (Files.exists(one) && Files.exists(other)) {
                return Files.isSameFile(one, other);
            }
        } catch (IOException _) {
            // Then their names have to do.
        }
        return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }
}
