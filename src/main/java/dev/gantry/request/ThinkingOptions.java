package dev.gantry.request;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.util.Locale;
import java.util.Set;

/**
 * Whether options of thinking ask for any. They may say that they do not: by a word, by a flag, or
 * by a budget of nothing.
 */
final class ThinkingOptions {
    private static final Set<String> OFF = Set.of("disabled", "disable", "none", "off", "false");

    private static final Set<String> WORDS = Set.of("type", "effort", "mode");
    private static final Set<String> FLAGS = Set.of("enabled", "enable", "enable_thinking");
    private static final Set<String> BUDGETS =
            Set.of(
                    "budget",
                    "budget_tokens",
                    "max_tokens",
                    "max_thinking_tokens",
                    "thinking_budget",
                    "thinking_tokens");

    private final JsonText json;
    private final JsonParser parser;
    private boolean off;
    private int members;
    private int nulls;

    ThinkingOptions(JsonText json) {
        this.json = json;
        this.parser = json.parser();
    }

    /** The parser stands on the options, and at their end afterwards. */
    boolean wanted(JsonToken token) {
        if (token == JsonToken.START_OBJECT) {
            json.members("body", this::member);
            return !off && (members == 0 || nulls < members);
        }
        boolean wanted =
                switch (token) {
                    case VALUE_NULL, VALUE_FALSE -> false;
                    case VALUE_STRING -> !says(OFF);
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue() > 0;
                    default -> true;
                };
        parser.skipChildren();
        return wanted;
    }

    /** An answer of the Responses API repeats what nobody asked for as null. */
    private void member(String name, JsonToken token) {
        members++;
        nulls += token == JsonToken.VALUE_NULL ? 1 : 0;
        off |=
                (WORDS.contains(name) && token == JsonToken.VALUE_STRING && says(OFF))
                        || (FLAGS.contains(name) && token == JsonToken.VALUE_FALSE)
                        || (BUDGETS.contains(name)
                                && token.isNumeric()
                                && parser.getDoubleValue() <= 0);
        parser.skipChildren();
    }

    private boolean says(Set<String> words) {
        return words.contains(parser.getString().strip().toLowerCase(Locale.ROOT));
    }
}
