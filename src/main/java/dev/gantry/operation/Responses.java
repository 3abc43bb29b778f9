package dev.gantry.operation;

import static dev.gantry.inference.Operation.MemberRole.CONTENT;
import static dev.gantry.inference.Operation.MemberRole.LIMIT;
import static dev.gantry.inference.Operation.MemberRole.REMEMBERED;
import static dev.gantry.inference.Operation.MemberRole.SCHEMA;
import static dev.gantry.inference.Operation.MemberRole.THINKING;
import static dev.gantry.inference.Operation.MemberRole.TOOLS;

import dev.gantry.inference.Operation;

import java.util.List;
import java.util.Map;

/** Items, and those that follow them. */
final class Responses implements Operation {
    private static final Map<String, MemberRole> MEMBERS =
            Map.of(
                    "input", CONTENT,
                    "instructions", CONTENT,
                    "tools", TOOLS,
                    "text", SCHEMA,
                    "reasoning", THINKING,
                    "previous_response_id", REMEMBERED,
                    "conversation", REMEMBERED,
                    "prompt", REMEMBERED,
                    "max_output_tokens", LIMIT);

    @Override
    public String url() {
        return "/v1/responses";
    }

    @Override
    public String label() {
        return "responses";
    }

    @Override
    public String prompt() {
        return "input";
    }

    @Override
    public Map<String, MemberRole> members() {
        return MEMBERS;
    }

    /** A response may be had by a chat, whose lane has a name of its own for it. */
    @Override
    public List<String> limits() {
        return List.of("max_output_tokens", "max_completion_tokens", "max_tokens");
    }

    @Override
    public String evidence() {
        return "output";
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public TokenUse tokens() {
        return TokenUse.INPUT_AND_OUTPUT;
    }
}
