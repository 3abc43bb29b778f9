package dev.gantry.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Plain sentences that look like an answer; the same seed gives the same words. */
final class Prose {
    private static final int EVENTS_OF_TEXT = 12;

    private static final String[] OPENINGS = {
        "In short, ",
        "As a rule, ",
        "Looking at the details, ",
        "In most cases ",
        "On balance, ",
        "To be precise, ",
        "For this request, ",
        "According to the text, "
    };
    private static final String[] SUBJECTS = {
        "the first option", "the customer", "this approach", "the report", "the second paragraph",
        "the proposed change", "the current plan", "the summary", "the delivery", "the contract"
    };
    private static final String[] VERBS = {
        "covers",
        "explains",
        "improves",
        "depends on",
        "replaces",
        "follows from",
        "confirms",
        "leaves open",
        "describes",
        "supports"
    };
    private static final String[] OBJECTS = {
        "the open points", "the main cost", "what was agreed in spring", "the expected result",
        "the remaining risk", "the earlier measurements", "both requirements", "the next step",
        "the figures of the last quarter", "the terms of use"
    };

    private Prose() {}

    /** Exactly so many characters, all of them plain ASCII that JSON leaves as it is. */
    static String of(long seed, int characters) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder(characters + 128);
        while (text.length() < characters) {
            text.append(pick(OPENINGS, random)).append(pick(SUBJECTS, random)).append(' ');
            text.append(pick(VERBS, random)).append(' ');
            text.append(pick(OBJECTS, random)).append(". ");
        }
        text.setLength(characters);
        return text.toString().stripTrailing();
    }

    /** The text as a stream brings it. */
    static List<String> pieces(String text) {
        int piece = Math.max(1, (text.length() + EVENTS_OF_TEXT - 1) / EVENTS_OF_TEXT);
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < text.length(); from += piece) {
            pieces.add(text.substring(from, Math.min(text.length(), from + piece)));
        }
        return pieces;
    }

    private static String pick(String[] words, SplittableRandom random) {
        return words[random.nextInt(words.length)];
    }
}
