package dev.gantry.cli.result;

/** A line that the broker or the client would not take. */
public record Unsent(long line, String customId, String reason) {}
