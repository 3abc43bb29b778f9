package dev.gantry.config;

import dev.gantry.inference.EditDistance;
import dev.gantry.secret.Scrubber;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Gathers what is wrong, so that one start shows it all; no message shows a secret. What only
 * follows from a mistake found in an earlier round is left out.
 */
public final class Mistakes {
    private final List<String> found = new ArrayList<>();
    private final Set<String> keys = new LinkedHashSet<>();
    private final Set<String> meant = new LinkedHashSet<>();

    /** Those of the rounds before. */
    private List<String> known = List.of();

    /** The key that a mistake begins with. */
    static String key(String mistake) {
        int end = mistake.indexOf(": ");
        return end < 0 ? mistake : mistake.substring(0, end);
    }

    /** One key's value is not allowed. */
    public void add(String key, Object value, String allowed) {
        add("%s: %s; allowed is %s".formatted(key, ShownValue.of(key, value), allowed));
    }

    /** One key's value is none of those that there are. */
    void addName(String key, Object value, Collection<String> allowed) {
        add(
                "%s: %s; allowed is %s%s"
                        .formatted(
                                key,
                                ShownValue.of(key, value),
                                Names.listed(allowed),
                                EditDistance.hint(value.toString(), allowed)));
    }

    /** One key is required and not there, nor meant by another that is mistyped. */
    public void missing(String key, String allowed) {
        if (!meant.contains(key)) {
            add("%s: missing; required is %s".formatted(key, allowed));
        }
    }

    public void add(String mistake) {
        String key = key(mistake);
        if (known.stream().noneMatch(each -> related(each, key))) {
            found.add(Scrubber.masked(mistake));
            keys.add(key);
        }
    }

    /**
     * Something that leads nowhere, and the key that it stands for; of all that is written below
     * one wrong word, the first.
     */
    void addUnknown(String place, String mistake, String wrong, String meantKey) {
        if (!anyBelow(wrong)) {
            found.add(place + Scrubber.masked(mistake));
        }
        keys.add(key(mistake));
        meant.add(meantKey);
    }

    private static boolean related(String one, String other) {
        return one.equals(other) || below(one, other) || below(other, one);
    }

    private static boolean below(String key, String above) {
        return key.startsWith(above)
                && key.length() > above.length()
                && (key.charAt(above.length()) == '.' || key.charAt(above.length()) == '[');
    }

    public void check(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            add(key, value, what);
        }
    }

    int count() {
        return found.size();
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Everything of another check that has been stopped. */
    public void addAll(WrongSettingsException others) {
        found.addAll(others.mistakes());
    }

    boolean anyBelow(String key) {
        return keys.stream().anyMatch(each -> each.equals(key) || below(each, key));
    }

    /**
     * Another look at what is left when that which is wrong counts as not written.
     *
     * @return the keys that are wrong
     */
    Set<String> nextRound() {
        known = List.copyOf(keys);
        return Set.copyOf(keys);
    }

    /** Stops the start if there are any. */
    public void stop() {
        if (!found.isEmpty()) {
            throw new WrongSettingsException(found);
        }
    }
}
