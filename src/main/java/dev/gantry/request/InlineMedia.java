package dev.gantry.request;

import tools.jackson.core.JsonParser;

/** Whether a text is media in disguise: a data URL, or bare base64. */
enum InlineMedia {
    NONE,
    PICTURE,
    OTHER;

    static final String DATA_URL = "data:";

    private static final String PICTURE_URL = "data:image/";

    /** Nobody writes so much without a blank; all of it would be one word. */
    private static final int SHORTEST = 512;

    /** A word's worth is enough to look at. */
    private static final int SAMPLE = 2048;

    /** The parser stands on a text. */
    static InlineMedia of(JsonParser parser) {
        int length = parser.getStringLength();
        if (length < DATA_URL.length()) {
            return NONE;
        }
        char[] text = parser.getStringCharacters();
        int start = parser.getStringOffset();
        if (startsWith(PICTURE_URL, text, start, length)) {
            return PICTURE;
        }
        if (startsWith(DATA_URL, text, start, length) && noBlank(text, start, length)) {
            return OTHER;
        }
        return length >= SHORTEST && base64(text, start, length) ? OTHER : NONE;
    }

    private static boolean startsWith(String prefix, char[] text, int start, int length) {
        for (int i = 0; i < prefix.length(); i++) {
            if (i >= length || text[start + i] != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean noBlank(char[] text, int start, int length) {
        for (int i = start; i < start + Math.min(length, SAMPLE); i++) {
            if (Character.isWhitespace(text[i])) {
                return false;
            }
        }
        return true;
    }

    /** In lines or in one; letters of both cases, as a run of one sign has not. */
    private static boolean base64(char[] text, int start, int length) {
        boolean upper = false;
        boolean lower = false;
        int run = 0;
        for (int i = start; i < start + Math.min(length, SAMPLE); i++) {
            char each = text[i];
            run = each == '\n' || each == '\r' ? 0 : run + 1;
            if (!member(each) || (run == 0 && i - start < LINE)) {
                return false;
            }
            upper |= each >= 'A' && each <= 'Z';
            lower |= each >= 'a' && each <= 'z';
        }
        return upper && lower;
    }

    /** The shortest line that encoders break at. */
    private static final int LINE = 60;

    private static boolean member(char each) {
        return (each >= 'A' && each <= 'Z')
                || (each >= 'a' && each <= 'z')
                || (each >= '0' && each <= '9')
                || "+/=-_\n\r".indexOf(each) >= 0;
    }
}
