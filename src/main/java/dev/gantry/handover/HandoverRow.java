package dev.gantry.handover;

import dev.gantry.inference.SourcePosition;

/**
 * A request whose partition was given away while it was worked on.
 *
 * @param worker the id of the one that works on it
 * @param done whether all its records are safe
 * @param silent whether nothing was heard of that worker for ten seconds
 */
public record HandoverRow(SourcePosition request, String worker, boolean done, boolean silent) {}
