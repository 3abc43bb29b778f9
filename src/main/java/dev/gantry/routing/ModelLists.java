package dev.gantry.routing;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which models may be used, by parts of their names in any case. Deny beats allow: whoever forbids
 * a model means it.
 *
 * @param allowed empty: all; else only these
 * @param denied never these
 */
public record ModelLists(List<String> allowed, List<String> denied) {
    public static final ModelLists NONE = new ModelLists(List.of(), List.of());

    public ModelLists {
        allowed = List.copyOf(allowed);
        denied = List.copyOf(denied);
    }

    boolean deny(Lane lane) {
        return names(denied, lane) || (!allowed.isEmpty() && !names(allowed, lane));
    }

    private static boolean names(List<String> parts, Lane lane) {
        return Stream.concat(Stream.of(lane.id().model()), lane.aliases().stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(
                        name ->
                                parts.stream()
                                        .map(part -> part.strip().toLowerCase(Locale.ROOT))
                                        .anyMatch(name::contains));
    }
}
