package dev.gantry.classification;

import dev.gantry.inference.Change;

import java.util.List;
import java.util.Set;

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
     *
     * @param names what it names, as it is written there; in no case a member for certain
     */
    record Foreign(Set<String> names) implements Objection {
        public Foreign {
            names = Set.copyOf(names);
        }
    }

    /** Which requests a refusal holds for. */
    enum Extent {
        /** All that the lane gets. */
        ALL,
        /** This one: what is refused is a value, or goes ill with another member. */
        THIS_ONE
    }
}
