package dev.gantry.classification;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The sentences in which Anthropic and Google refuse what they were sent for a member of OpenAI's
 * form that bears another name with them, or none.
 */
final class NativeWords {
    private static final Map<Pattern, List<String>> SENTENCES =
            Map.of(
                    Pattern.compile(
                            "\\bsupport the effort parameter|\\bthinking(?:\\.type\\.\\w{1,20}['\"`]?"
                                    + "| (?:level|budget)(?: \\w{1,20})?) is not supported"),
                    List.of("reasoning_effort"),
                    Pattern.compile("(?:^|[:'\"] ?)penalty is not enabled\\b"),
                    List.of("frequency_penalty", "presence_penalty"),
                    Pattern.compile("\\bmetadata\\.user_id: user_id appears to contain\\b"),
                    List.of("user"),
                    Pattern.compile("\\btool_choice forces tool use is not compatible\\b"),
                    List.of("tool_choice"));

    private NativeWords() {}

    /**
     * The members, in OpenAI's form, that are refused there.
     *
     * @param said comparable, and nobody's but the provider's
     */
    static Set<String> members(String said) {
        Set<String> members = new LinkedHashSet<>();
        SENTENCES.forEach(
                (sentence, names) -> {
                    if (sentence.matcher(said).find()) {
                        members.addAll(names);
                    }
                });
        return members;
    }
}
