package dev.gantry.secret;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The words that give secrets away, and the secrets that are known; finds at little cost that a
 * text holds none of them. Immutable.
 */
final class Vocabulary {
    /** Three characters of five bits each, so that case does not count. */
    private static final int TRIPLES = 1 << 15;

    private static final int SHORTEST_SECRET = 6;

    /** From here on also one that is all letters, and one that stands within a longer word. */
    private static final int LONG_SECRET = 16;

    private static final int MOST_SECRETS = 10_000;

    private final List<String> words;
    private final Set<String> secrets;

    /** Longest first, so that no part of one is left over. */
    private final List<String> searched;

    /** By the first three characters of what is looked for. */
    private final String[][] beginnings = new String[TRIPLES][];

    /** A bit for each of the above, for a processor's cache holds these 4 KiB. */
    private final long[] begun = new long[TRIPLES / Long.SIZE];

    private Vocabulary(List<String> words, Set<String> secrets) {
        this.words = words;
        this.secrets = secrets;
        this.searched =
                secrets.stream()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .toList();
        Stream.concat(words.stream(), secrets.stream()).forEach(this::lookFor);
    }

    static Vocabulary of(List<String> words) {
        return new Vocabulary(words, Set.of());
    }

    Vocabulary with(Collection<String> more) {
        Set<String> all = new LinkedHashSet<>(secrets);
        more.stream()
                .map(String::strip)
                .filter(Vocabulary::tellsApart)
                .flatMap(Vocabulary::spellings)
                .limit(MOST_SECRETS)
                .forEach(all::add);
        return all.equals(secrets) ? this : new Vocabulary(words, all);
    }

    /** What occurs in ordinary text as well would spoil it, and says nothing. */
    private static boolean tellsApart(String secret) {
        boolean letters = secret.chars().allMatch(Character::isLetter);
        return secret.length() >= SHORTEST_SECRET && (!letters || secret.length() >= LONG_SECRET);
    }

    /** As it is, and as JSON and addresses write it. */
    private static Stream<String> spellings(String secret) {
        return Stream.of(
                        secret,
                        secret.replace("\\", "\\\\").replace("\"", "\\\""),
                        URLEncoder.encode(secret, StandardCharsets.UTF_8))
                .distinct();
    }

    private void lookFor(String word) {
        int triple = triple(word, 0);
        String[] others = beginnings[triple];
        List<String> all = new ArrayList<>(others == null ? List.of() : List.of(others));
        all.add(word);
        beginnings[triple] = all.toArray(String[]::new);
        begun[triple / Long.SIZE] |= 1L << triple;
    }

    private static int triple(String text, int at) {
        return (text.charAt(at) & 31) << 10
                | (text.charAt(at + 1) & 31) << 5
                | (text.charAt(at + 2) & 31);
    }

    boolean mayHoldSecrets(String text) {
        int triple = 0;
        for (int end = 0; end < text.length(); end++) {
            triple = (triple << 5 | (text.charAt(end) & 31)) & (TRIPLES - 1);
            if ((begun[triple / Long.SIZE] & 1L << triple) != 0
                    && end >= 2
                    && beginsHere(text, end - 2, beginnings[triple])) {
                return true;
            }
        }
        return false;
    }

    private static boolean beginsHere(String text, int at, String[] candidates) {
        for (String each : candidates) {
            if (text.regionMatches(true, at, each, 0, each.length())) {
                return true;
            }
        }
        return false;
    }

    /** The text without the secrets that are known. */
    String withoutSecrets(String text) {
        String left = text;
        for (String secret : searched) {
            int at = left.indexOf(secret);
            while (at >= 0) {
                int end = at + secret.length();
                if (secret.length() >= LONG_SECRET || standsAlone(left, at, end)) {
                    left = left.substring(0, at) + Scrubber.MASK + left.substring(end);
                    end = at + Scrubber.MASK.length();
                }
                at = left.indexOf(secret, end);
            }
        }
        return left;
    }

    private static boolean standsAlone(String text, int start, int end) {
        return (start == 0 || !Character.isLetterOrDigit(text.charAt(start - 1)))
                && (end == text.length() || !Character.isLetterOrDigit(text.charAt(end)));
    }
}
