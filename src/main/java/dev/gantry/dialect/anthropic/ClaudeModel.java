package dev.gantry.dialect.anthropic;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model of the Messages API can do, by its name: the protocol has grown with the models.
 * Names of other houses, which speak the protocol as it was, have none of the later forms.
 *
 * @param outputFormat whether it takes {@code output_config.format} and strict tools
 * @param adaptive whether it sets its thinking's budget itself, and takes an effort instead
 */
record ClaudeModel(boolean outputFormat, boolean adaptive) {
    /** {@code claude-sonnet-4-5-20250929}, {@code claude-opus-4-1}, {@code claude-sonnet-5}. */
    private static final Pattern NAME =
            Pattern.compile("claude-[a-z]+-(\\d{1,2})(?:[-.](\\d{1,2}))?(?!\\d)");

    static ClaudeModel of(String id) {
        Matcher name = NAME.matcher(id);
        if (!name.find()) {
            return new ClaudeModel(false, false);
        }
        int major = Integer.parseInt(name.group(1));
        int minor = name.group(2) == null ? 0 : Integer.parseInt(name.group(2));
        boolean opus41 = major == 4 && minor == 1 && id.contains("opus");
        return new ClaudeModel(
                major > 4 || (major == 4 && minor >= 5) || opus41,
                major > 4 || (major == 4 && minor >= 7));
    }
}
