package dev.gantry.operation;

import dev.gantry.inference.ModelType;
import dev.gantry.inference.Operation;

import java.util.Map;

/** A vector for each input. */
final class Embeddings implements Operation {
    @Override
    public String url() {
        return "/v1/embeddings";
    }

    @Override
    public String label() {
        return "embeddings";
    }

    @Override
    public ModelType type() {
        return ModelType.EMBEDDING;
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
        return "data";
    }

    @Override
    public TokenUse tokens() {
        return TokenUse.INPUT;
    }
}
