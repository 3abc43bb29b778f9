package dev.gantry.operation;

import dev.gantry.inference.ModelType;
import dev.gantry.inference.Operation;

import java.util.Map;

/** Whether texts and pictures are harmful; at OpenAI for nothing, and so nothing is counted. */
final class Moderations implements Operation {
    @Override
    public String url() {
        return "/v1/moderations";
    }

    @Override
    public String label() {
        return "moderations";
    }

    @Override
    public ModelType type() {
        return ModelType.MODERATION;
    }

    @Override
    public String prompt() {
        return "input";
    }

    @Override
    public Map<String, MemberRole> members() {
        return Map.of("input", MemberRole.PROMPTS);
    }

    @Override
    public String evidence() {
        return "results";
    }

    @Override
    public TokenUse tokens() {
        return TokenUse.UNBILLED;
    }
}
