package dev.gantry.convention;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A Markdown file for users. */
record Paper(Path path, List<String> lines) {
    static final Path README = Path.of("README.md");
    static final Path DOCS = Path.of("src/docs");
    private static final String FENCE = "```";

    /**
     * A block of code.
     *
     * @param heading the last one above it
     * @param language empty where none is named
     */
    record Block(String heading, String language, String text) {}

    static Paper of(Path path) {
        try {
            return new Paper(path, Files.readAllLines(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Paper> all() {
        try (Stream<Path> files = Files.walk(DOCS)) {
            return Stream.concat(
                            Stream.of(README),
                            files.filter(each -> each.toString().endsWith(".md")).sorted())
                    .map(Paper::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return String.join("\n", lines);
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        String heading = "";
        boolean code = false;
        String language = "";
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith(FENCE) && !code) {
                code = true;
                language = line.substring(FENCE.length()).strip();
            } else if (line.startsWith(FENCE)) {
                code = false;
                blocks.add(new Block(heading, language, text.toString()));
                text.setLength(0);
            } else if (code) {
                text.append(line).append('\n');
            } else if (line.startsWith("#")) {
                heading = line.replaceFirst("#+ ", "");
            }
        }
        return blocks;
    }

    /** Without its blocks of code. */
    List<String> prose() {
        List<String> prose = new ArrayList<>();
        boolean code = false;
        for (String line : lines) {
            if (line.startsWith(FENCE)) {
                code = !code;
            } else if (!code) {
                prose.add(line);
            }
        }
        return prose;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
