package dev.gantry.operation;

import static dev.gantry.inference.Operation.MemberRole.CHOICES;
import static dev.gantry.inference.Operation.MemberRole.CONTENT;
import static dev.gantry.inference.Operation.MemberRole.LIMIT;
import static dev.gantry.inference.Operation.MemberRole.PROMPTS;
import static dev.gantry.inference.Operation.MemberRole.SCHEMA;

import dev.gantry.inference.Operation;

import java.util.List;
import java.util.Map;

/** Texts that go on, by OpenAI's older endpoint, which local servers have as well. */
final class Completions implements Operation {
    private static final Map<String, MemberRole> MEMBERS =
            Map.of(
                    "prompt", PROMPTS,
                    "suffix", CONTENT,
                    "n", CHOICES,
                    "best_of", CHOICES,
                    "max_tokens", LIMIT,
                    "response_format", SCHEMA,
                    "guided_json", SCHEMA);

    @Override
    public String url() {
        return "/v1/completions";
    }

    @Override
    public String label() {
        return "completions";
    }

    @Override
    public String prompt() {
        return "prompt";
    }

    @Override
    public Map<String, MemberRole> members() {
        return MEMBERS;
    }

    @Override
    public List<String> limits() {
        return List.of("max_tokens");
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
