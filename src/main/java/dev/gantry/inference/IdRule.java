package dev.gantry.inference;

import java.util.regex.Pattern;

/** What ids may look like (contract, Identity): one rule for all who read, check or write them. */
public final class IdRule {
    public static final int MAX_LABEL = 128;
    public static final String CUSTOM_ID = "1 to 512 printable characters";
    public static final String BATCH_ID = "1 to 64 of A-Z a-z 0-9 . _ : -";

    private static final int MAX_CUSTOM_ID = 512;
    private static final Pattern BATCH = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private IdRule() {}

    /**
     * Whether a text may be a {@code custom_id}. Counted in code points. Joiners and marks of
     * direction are part of what people write; showing them safely is a terminal's concern.
     */
    public static boolean isCustomId(String text) {
        int length = text.codePointCount(0, text.length());
        return length >= 1 && length <= MAX_CUSTOM_ID && isPrintable(text);
    }

    /** Whether a text may be shown as a label. */
    public static boolean isLabel(String text) {
        return text.codePointCount(0, text.length()) <= MAX_LABEL && isPrintable(text);
    }

    public static boolean isBatchId(String text) {
        return BATCH.matcher(text).matches();
    }

    private static boolean isPrintable(String text) {
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            if (!isPrintable(text.codePointAt(at))) {
                return false;
            }
        }
        return true;
    }

    /** Characters that are not assigned yet count: sender and worker may run on unlike releases. */
    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> !isNoncharacter(point);
        };
    }

    private static boolean isNoncharacter(int point) {
        return (point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF);
    }
}
