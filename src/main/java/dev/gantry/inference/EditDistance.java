package dev.gantry.inference;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** How many letters must be added, dropped or changed to make one word of another. */
public final class EditDistance {
    private EditDistance() {}

    /** The name that may be meant; most alike and alike enough, capitals and all else aside. */
    public static Optional<String> nearest(String given, Collection<String> names) {
        String word = given.strip().toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> between(word, name.toLowerCase(Locale.ROOT)) <= bound(word))
                .min(Comparator.comparingInt(name -> between(word, name.toLowerCase(Locale.ROOT))));
    }

    /** The same as the end of a message; empty: none is much alike. */
    public static String hint(String given, Collection<String> names) {
        return nearest(given, names).map("; did you mean %s?"::formatted).orElse("");
    }

    /** How much a mistyped word may differ. */
    public static int bound(String word) {
        return Math.min(Math.max(2, word.length() / 3), word.length() / 2);
    }

    public static int between(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = column;
        }
        for (int line = 1; line <= one.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column < row.length; column++) {
                int change = diagonal + (one.charAt(line - 1) == other.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(change, 1 + Math.min(row[column], row[column - 1]));
            }
        }
        return row[other.length()];
    }
}
