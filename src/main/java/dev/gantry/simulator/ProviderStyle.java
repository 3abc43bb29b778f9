package dev.gantry.simulator;

/** Whose error bodies and headers a refusal wears. */
public enum ProviderStyle {
    OPENAI,
    ANTHROPIC,
    AZURE
}
