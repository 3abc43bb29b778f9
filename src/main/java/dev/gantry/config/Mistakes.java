package dev.gantry.config;

import dev.gantry.secret.Scrubber;

import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong, so that one start shows it all; no message shows a secret. */
final class Mistakes {
    private final List<String> found = new ArrayList<>();

    /** One key's value is not allowed. */
    void add(String key, Object value, String allowed) {
        add("%s: %s; allowed is %s".formatted(key, ShownValue.of(key, value), allowed));
    }

    /** One key is required and not there. */
    void missing(String key, String allowed) {
        add("%s: missing; required is %s".formatted(key, allowed));
    }

    void add(String mistake) {
        found.add(Scrubber.masked(mistake));
    }

    void check(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            add(key, value, what);
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    boolean anyBelow(String key) {
        return found.stream().anyMatch(each -> each.startsWith(key));
    }

    /** Stops the start if there are any. */
    void stop() {
        if (!found.isEmpty()) {
            throw new WrongSettingsException(found);
        }
    }
}
