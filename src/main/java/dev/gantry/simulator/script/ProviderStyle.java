package dev.gantry.simulator.script;

/** Whose error bodies and headers a refusal wears. */
public enum ProviderStyle {
    OPENAI,
    ANTHROPIC,
    AZURE,
    GEMINI
}
