package dev.gantry.cli.result;

import java.util.ArrayList;
import java.util.List;

/** Breaks a line between words, behind a comma if it can, so that it fits; the rest is indented. */
final class Wrapped {
    private static final String INDENT = "  ";

    /** A word that is wider stands there whole. */
    private static final int NARROWEST = 20;

    private Wrapped() {}

    static List<String> of(String line, int width) {
        List<String> lines = new ArrayList<>();
        String rest = line;
        int room = Math.max(NARROWEST, width);
        while (rest.length() > room) {
            int comma = rest.lastIndexOf(", ", room - 1);
            int space = comma > room / 3 ? comma + 1 : rest.lastIndexOf(' ', room);
            if (rest.substring(0, Math.max(0, space)).isBlank()) {
                space = rest.indexOf(' ', rest.length() - rest.stripLeading().length());
            }
            if (space < 0) {
                break;
            }
            lines.add(rest.substring(0, space).stripTrailing());
            rest = INDENT + rest.substring(space).strip();
        }
        if (!rest.isBlank()) {
            lines.add(rest);
        }
        return lines;
    }
}
