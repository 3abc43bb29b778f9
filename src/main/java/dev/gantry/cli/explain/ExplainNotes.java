package dev.gantry.cli.explain;

import dev.gantry.explain.Explanation;
import dev.gantry.routing.Filter;
import dev.gantry.routing.Lane;

import java.util.ArrayList;
import java.util.List;

/** What the command does not know of the workers, told where an explanation rests on it. */
final class ExplainNotes {
    private final List<Lane> lanes;
    private final List<String> discovering;
    private boolean restsOnLists;
    private boolean restsOnKeys;

    /**
     * @param discovering providers that may list more than the lanes at run time, or less
     */
    ExplainNotes(List<Lane> lanes, List<String> discovering) {
        this.lanes = lanes;
        this.discovering = discovering;
    }

    void see(Explanation explanation) {
        restsOnKeys |=
                explanation.route().exclusions().stream()
                        .anyMatch(each -> each.filter() == Filter.MISSING_CREDENTIALS);
        restsOnLists |=
                (explanation.end() != null && !explanation.end().sure())
                        || explanation.lanes().stream()
                                .map(each -> each.id().provider())
                                .anyMatch(discovering::contains);
    }

    List<String> all() {
        List<String> notes = new ArrayList<>();
        if (restsOnLists) {
            notes.add(
                    "what %s may list at run time is not asked for here; what living workers"
                                    .formatted(String.join(", ", discovering))
                            + " have recorded, or else the configuration names, counts as listed;"
                            + " POST /actuator/explain of a worker knows what is");
        }
        if (restsOnKeys) {
            long keyless = lanes.stream().filter(each -> !each.credentials()).count();
            notes.add(
                    "lanes without a key here: %d of %d; no request gets them;"
                                    .formatted(keyless, lanes.size())
                            + " --assume-keys, if the workers have theirs");
        }
        return notes;
    }
}
