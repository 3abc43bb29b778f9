package dev.gantry.routing;

/** A lane of a wanted model that a request may not use, and the first filter that says so. */
public record Exclusion(Lane lane, Filter filter) {}
