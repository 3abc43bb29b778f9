package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.EditDistance;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The circuits an operator means: {@code provider:instance} or {@code
 * provider:instance:type:model}, where {@code *} stands for any text within a part. A lane's id as
 * results and metrics show it, with its tier before it, means that lane.
 */
public record CircuitTarget(String value) {
    private static final int LANE_PARTS = 4;
    private static final int LONGEST = 500;

    public CircuitTarget {
        value = withoutTier(value);
        List<String> parts = parts(value);
        boolean shaped = parts.size() == 2 || parts.size() == LANE_PARTS;
        boolean printable = value.equals(CircuitCause.tidy(value)) || value.length() > LONGEST;
        if (!shaped || !printable || parts.contains("") || value.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "target %s; allowed is provider:instance or provider:instance:type:model, * for any"
                            .formatted(value));
        }
        if (!value.contains("*")) {
            CircuitKey _ = CircuitKey.parse(value);
        }
    }

    /** Whether it names one circuit. */
    public boolean exact() {
        return !value.contains("*");
    }

    /** Those of the known that are meant; an instance's target means no lane. */
    public Set<CircuitKey> among(Collection<CircuitKey> known) {
        Set<CircuitKey> meant = new TreeSet<>(Comparator.comparing(CircuitKey::value));
        List<Pattern> patterns = parts(value).stream().map(CircuitTarget::pattern).toList();
        for (CircuitKey key : known) {
            if (matches(patterns, parts(key.value()))) {
                meant.add(key);
            }
        }
        return meant;
    }

    /** That of the known that is written most alike; empty where none is known. */
    public Optional<CircuitKey> nearest(Collection<CircuitKey> known) {
        return known.stream()
                .min(
                        Comparator.comparingInt(
                                        (CircuitKey key) ->
                                                EditDistance.between(value, key.value()))
                                .thenComparing(CircuitKey::value));
    }

    private static boolean matches(List<Pattern> patterns, List<String> parts) {
        if (patterns.size() != parts.size()) {
            return false;
        }
        for (int at = 0; at < parts.size(); at++) {
            if (!patterns.get(at).matcher(parts.get(at)).matches()) {
                return false;
            }
        }
        return true;
    }

    /** Runs of stars are one, so that matching stays short. */
    private static Pattern pattern(String part) {
        StringBuilder regex = new StringBuilder();
        for (String text : part.split("\\*+", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(text));
        }
        return Pattern.compile(regex.toString());
    }

    /** The third part of a lane is its type: where that comes fourth, a tier stands before it. */
    private static String withoutTier(String value) {
        String[] parts = value.split(":", LANE_PARTS + 1);
        boolean tiered =
                parts.length == LANE_PARTS + 1
                        && Tier.of(parts[0]).isPresent()
                        && !isType(parts[2])
                        && isType(parts[3]);
        return tiered ? value.substring(parts[0].length() + 1) : value;
    }

    private static boolean isType(String part) {
        return Arrays.stream(ModelType.values()).anyMatch(each -> each.label().equals(part));
    }

    private static List<String> parts(String value) {
        return List.of(value.split(":", LANE_PARTS));
    }
}
