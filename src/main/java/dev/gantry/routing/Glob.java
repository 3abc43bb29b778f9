package dev.gantry.routing;

/** Matches {@code *} (any text) and {@code ?} (one character) without a regular expression. */
public final class Glob {
    private Glob() {}

    /** Whether it stands for more than itself. */
    public static boolean isPattern(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    /**
     * On a mismatch the last star takes one character more; earlier stars never need to be tried
     * again, so the time is at most glob × text.
     */
    public static boolean matches(String glob, String text) {
        int at = 0;
        int star = -1;
        int resume = 0;
        for (int i = 0; i < text.length(); ) {
            if (at < glob.length() && glob.charAt(at) == '*') {
                star = at++;
                resume = i;
            } else if (at < glob.length() && one(glob.charAt(at), text.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++resume;
            } else {
                return false;
            }
        }
        while (at < glob.length() && glob.charAt(at) == '*') {
            at++;
        }
        return at == glob.length();
    }

    private static boolean one(char pattern, char actual) {
        return pattern == '?' || pattern == actual;
    }
}
