package dev.gantry.operation;

import static dev.gantry.inference.Operation.MemberRole.CHOICES;
import static dev.gantry.inference.Operation.MemberRole.CONTENT;
import static dev.gantry.inference.Operation.MemberRole.LIMIT;
import static dev.gantry.inference.Operation.MemberRole.MESSAGES;
import static dev.gantry.inference.Operation.MemberRole.SCHEMA;
import static dev.gantry.inference.Operation.MemberRole.THINKING;
import static dev.gantry.inference.Operation.MemberRole.TOOLS;

import dev.gantry.inference.Operation;

import java.util.List;
import java.util.Map;

/** Messages, and the next one; the members of other houses' servers among them. */
final class Chat implements Operation {
    private static final List<String> LIMITS =
            List.of("max_completion_tokens", "max_output_tokens", "max_tokens");

    private static final Map<String, MemberRole> MEMBERS =
            Map.ofEntries(
                    Map.entry("messages", MESSAGES),
                    Map.entry("system", CONTENT),
                    Map.entry("tools", TOOLS),
                    Map.entry("functions", TOOLS),
                    Map.entry("response_format", SCHEMA),
                    Map.entry("guided_json", SCHEMA),
                    Map.entry("reasoning_effort", THINKING),
                    Map.entry("reasoning", THINKING),
                    Map.entry("thinking", THINKING),
                    Map.entry("max_thinking_tokens", THINKING),
                    Map.entry("max_completion_tokens", LIMIT),
                    Map.entry("max_output_tokens", LIMIT),
                    Map.entry("max_tokens", LIMIT),
                    Map.entry("n", CHOICES));

    @Override
    public String url() {
        return "/v1/chat/completions";
    }

    @Override
    public String label() {
        return "chat";
    }

    @Override
    public String prompt() {
        return "messages";
    }

    @Override
    public Map<String, MemberRole> members() {
        return MEMBERS;
    }

    @Override
    public List<String> limits() {
        return LIMITS;
    }

    @Override
    public String evidence() {
        return "choices";
    }

    @Override
    public TokenUse tokens() {
        return TokenUse.INPUT_AND_OUTPUT;
    }
}
