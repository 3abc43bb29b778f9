package dev.gantry.routing;

import dev.gantry.inference.LaneId;

/** A lane of a wanted model that a request may not use, and the first filter that says so. */
public record Exclusion(LaneId lane, Filter filter) {}
