package dev.gantry.secret;

import java.util.Collection;

/**
 * Takes secrets out of whatever text leaves this worker: log lines, events, pages, messages. There
 * is no other scrubber.
 *
 * <p>Masked are what looks like a secret ({@link SecretPattern}) and what is one: the values under
 * the secret keys of the configuration ({@link #learn}). Time is linear in the text; a text that
 * holds none of the words that give a secret away is passed over at about a nanosecond per
 * character.
 */
public final class Scrubber {
    /** What stands in a secret's place. */
    public static final String MASK = "***";

    private static final int LONGEST = 8192;
    private static final int SHORT = 500;

    /** Replaced as a whole, so that readers need no lock. */
    private static volatile Vocabulary vocabulary = Vocabulary.of(SecretPattern.WORDS);

    private Scrubber() {}

    /**
     * These texts are secrets from now on, wherever they stand. Short ones and plain words are not
     * taken: masking "gantry" would spoil every line.
     */
    public static void learn(Collection<String> secrets) {
        synchronized (Scrubber.class) {
            vocabulary = vocabulary.with(secrets);
        }
    }

    /** One error's message on one line, without secrets, at most 500 characters. */
    public static String scrub(String message) {
        return cut(clean(message), SHORT);
    }

    /** A message that tells of several errors: on one line, at most 8,192 characters. */
    public static String clean(String message) {
        return oneLine(masked(message));
    }

    /** A whole text as it stands, but without secrets: at most 8,192 characters. */
    public static String masked(String text) {
        return masked(text, LONGEST);
    }

    /**
     * The same with a bound of the caller's, in characters.
     *
     * @return the very same text if nothing is to be masked
     */
    static String masked(String text, int longest) {
        String start = cut(text, longest);
        Vocabulary known = vocabulary;
        return known.mayHoldSecrets(start)
                ? SecretPattern.mask(known.withoutSecrets(start))
                : start;
    }

    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            line.append(Character.isISOControl(each) ? ' ' : each);
        }
        return line.toString().strip();
    }

    /** Never between the two halves of a character. */
    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }
}
