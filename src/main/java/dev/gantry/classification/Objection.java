package dev.gantry.classification;

import dev.gantry.inference.Change;

import java.util.List;

/** What a provider has against the form of a request, where it says so. */
public sealed interface Objection {
    /**
     * The same request would do with these changes, none of which the caller would mind.
     *
     * @param changes at least one
     */
    record Mendable(List<Change> changes, Extent extent) implements Objection {
        public Mendable {
            changes = List.copyOf(changes);
        }
    }

    /**
     * It names something that its own schema lacks, and that cannot be left out: another provider
     * may know it.
     */
    record Foreign() implements Objection {}

    /** Which requests a refusal holds for. */
    enum Extent {
        /** All that the lane gets. */
        ALL,
        /** This one: what is refused is a value, or goes ill with another member. */
        THIS_ONE
    }
}
