package dev.gantry.classification;

/** What a gateway in Python prints of its upstream's error: a dictionary, nearly JSON. */
final class PythonText {
    private PythonText() {}

    /** The same as JSON, where it is one; anything else comes out as something that is none. */
    static String asJson(String printed) {
        StringBuilder json = new StringBuilder(printed.length());
        char quote = 0;
        for (int i = 0; i < printed.length(); i++) {
            char each = printed.charAt(i);
            if (quote != 0 && each == '\\' && i + 1 < printed.length()) {
                i++;
                json.append(printed.charAt(i) == '\'' ? "'" : "\\" + printed.charAt(i));
            } else if (each == quote) {
                quote = 0;
                json.append('"');
            } else if (quote != 0) {
                json.append(each == '"' ? "\\\"" : String.valueOf(each));
            } else if (each == '\'' || each == '"') {
                quote = each;
                json.append('"');
            } else {
                i = bare(printed, i, json);
            }
        }
        return json.toString();
    }

    /** Returns the index of the last character that was read. */
    private static int bare(String printed, int at, StringBuilder json) {
        for (String[] each :
                new String[][] {{"None", "null"}, {"True", "true"}, {"False", "false"}}) {
            if (printed.startsWith(each[0], at)) {
                json.append(each[1]);
                return at + each[0].length() - 1;
            }
        }
        char each = printed.charAt(at);
        json.append(each == '(' ? '[' : each == ')' ? ']' : each);
        return at;
    }
}
