package dev.gantry.cli.batch;

import dev.gantry.cli.result.BatchId;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The command line that gathers a batch's results, ready to be pasted. */
final class CollectLine {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./~-]+");
    private static final Pattern SECRET =
            Pattern.compile(
                    "(?i)--[^=]*(password|secret|token|credential|jaas|\\bkey|-key)[^=]*=.*",
                    Pattern.DOTALL);

    private CollectLine() {}

    static String of(BatchId batch, BatchOptions options) {
        List<String> words = new ArrayList<>(List.of("java", "-jar", jar(), "collect"));
        words.add(batch.value());
        words.addAll(List.of("--out", options.paths().out().toString()));
        words.addAll(List.of("--errors", options.paths().errors().toString()));
        if (options.topic() != null) {
            words.addAll(List.of("--topic", options.topic()));
        }
        if (options.report() == BatchOptions.Report.JSON) {
            words.add("--json");
        }
        options.springOptions().forEach(option -> words.add(withoutSecret(option)));
        return words.stream().map(CollectLine::quoted).collect(Collectors.joining(" "));
    }

    /** As it was called, where it was called as a jar. */
    private static String jar() {
        String path = System.getProperty("java.class.path", "");
        return path.endsWith(".jar") && !path.contains(System.getProperty("path.separator"))
                ? path
                : "gantry.jar";
    }

    private static String withoutSecret(String option) {
        return SECRET.matcher(option).matches()
                ? option.substring(0, option.indexOf('=') + 1) + "…"
                : option;
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
