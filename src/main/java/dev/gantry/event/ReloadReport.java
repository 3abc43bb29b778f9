package dev.gantry.event;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * An operator's wish that the catalogue be read again, and what came of it, as it is published.
 *
 * @param id the same however often it is published
 * @param outcome what came of it
 * @param catalog the version in force afterwards
 * @param prices whose word the prices in force are, and of which version
 * @param settings keys whose new values are in force now; never the values
 * @param needRestart keys whose new values were read and are not in force
 * @param notices what the configuration does less than it seems to
 * @param mistakes why it was refused; nothing has changed then
 */
public record ReloadReport(
        String id,
        Instant at,
        String actor,
        String reason,
        Outcome outcome,
        String catalog,
        List<String> prices,
        Lanes lanes,
        List<String> settings,
        List<String> needRestart,
        List<String> notices,
        List<String> mistakes) {
    public ReloadReport {
        prices = List.copyOf(prices);
        settings = List.copyOf(settings);
        needRestart = List.copyOf(needRestart);
        notices = List.copyOf(notices);
        mistakes = List.copyOf(mistakes);
    }

    /** Lanes by what has become of them. */
    public record Lanes(List<String> added, List<String> removed, List<String> changed) {
        /** All as they were. */
        public static final Lanes SAME = new Lanes(List.of(), List.of(), List.of());

        public Lanes {
            added = List.copyOf(added);
            removed = List.copyOf(removed);
            changed = List.copyOf(changed);
        }
    }

    /** What came of it. */
    public enum Outcome {
        CHANGED,
        UNCHANGED,
        REFUSED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
