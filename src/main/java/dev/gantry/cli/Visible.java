package dev.gantry.cli;

import java.util.function.IntPredicate;

/**
 * Makes text from elsewhere (results, providers, topics, rows, file names) fit for a terminal: what
 * would steer it, turn the direction of the text or stand there unseen is shown as its code point
 * instead, such as {@code \u202e}.
 */
public final class Visible {
    private static final int QUOTED_LENGTH = 60;
    // Where joiners begin to be part of the spelling: below are the scripts that do without.
    private static final int JOINING_SCRIPTS = 0x0590;

    private Visible() {}

    /** One line: line ends are shown as well. */
    public static String line(String text) {
        return escape(text, Visible::isUnseen);
    }

    /** Line ends stay. */
    static String lines(String text) {
        return escape(text.replace("\r\n", "\n"), point -> point != '\n' && isUnseen(point));
    }

    /** A sentence on one line, however its source broke it. */
    public static String sentence(String text) {
        return line(text.strip().replaceAll("\\s*[\\r\\n]+\\s*", " "));
    }

    /** For a message: in quotes, and cut if it is long. */
    public static String quoted(String value) {
        int length = value.codePointCount(0, value.length());
        return length <= QUOTED_LENGTH
                ? '"' + line(value) + '"'
                : '"'
                        + line(value.substring(0, value.offsetByCodePoints(0, QUOTED_LENGTH)))
                        + "…\"";
    }

    /** JSON text as the same JSON: such characters can stand in its strings only. */
    static String json(String json) {
        return escape(json, point -> point >= ' ' && isUnseen(point));
    }

    private static String escape(String text, IntPredicate wanted) {
        if (text.codePoints().noneMatch(point -> wanted.test(point) || isJoiner(point))) {
            return text;
        }
        var shown = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            boolean joins = isJoiner(point) && joins(text, i);
            if (!joins && (isJoiner(point) || wanted.test(point))) {
                for (char unit : Character.toChars(point)) {
                    shown.append("\\u%04x".formatted((int) unit));
                }
            } else {
                shown.appendCodePoint(point);
            }
        }
        return shown.toString();
    }

    private static boolean isUnseen(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> isBlankLetter(point);
        };
    }

    /** Letters and marks by their class, and nothing to see by their looks. */
    private static boolean isBlankLetter(int point) {
        return switch (point) {
            case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0 -> true;
            default -> (point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF);
        };
    }

    private static boolean isJoiner(int point) {
        return point == 0x200C || point == 0x200D;
    }

    /** Within an emoji or a word of a script that joins its letters; between others it hides. */
    private static boolean joins(String text, int at) {
        return at > 0
                && at + 1 < text.length()
                && isJoined(text.codePointBefore(at))
                && isJoined(text.codePointAt(at + 1));
    }

    private static boolean isJoined(int point) {
        return point >= JOINING_SCRIPTS && !isJoiner(point) && !isUnseen(point);
    }
}
