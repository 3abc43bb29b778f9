package dev.gantry.cli;

/** The rule for a request's custom_id (contract, Identity). */
final class CustomId {
    static final String ALLOWED = "1 to 512 printable characters";

    private static final int MAX_LENGTH = 512;
    private static final int QUOTED_LENGTH = 60;

    private CustomId() {}

    static boolean isValid(String value) {
        return !value.isEmpty()
                && value.length() <= MAX_LENGTH
                && value.codePoints().allMatch(CustomId::isPrintable);
    }

    /** Fit for a message: unprintable characters are shown as such, long ids are cut. */
    static String quoted(String value) {
        var text = new StringBuilder("\"");
        value.codePoints()
                .limit(QUOTED_LENGTH)
                .forEach(
                        point -> {
                            if (isPrintable(point)) {
                                text.appendCodePoint(point);
                            } else {
                                text.append("\\u%04x".formatted(point));
                            }
                        });
        if (value.codePointCount(0, value.length()) > QUOTED_LENGTH) {
            text.append("…");
        }
        return text.append('"').toString();
    }

    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
