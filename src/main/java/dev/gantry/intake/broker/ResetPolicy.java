package dev.gantry.intake.broker;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;

/**
 * Where a partition begins of which the group has committed nothing: the user's {@code
 * auto.offset.reset}. The consumer itself has none, so that nothing is skipped without being said.
 */
public sealed interface ResetPolicy {
    String BY_DURATION = "by_duration:";

    record Earliest() implements ResetPolicy {}

    record Latest() implements ResetPolicy {}

    /**
     * What is no older.
     *
     * @param age of the oldest record that is read
     */
    record ByDuration(Duration age) implements ResetPolicy {}

    /** An operator has to say where. */
    record None() implements ResetPolicy {}

    /**
     * Reads the setting.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    static ResetPolicy of(Object setting) {
        String policy = setting.toString().strip().toLowerCase(Locale.ROOT);
        return switch (policy) {
            case "earliest" -> new Earliest();
            case "latest" -> new Latest();
            case "none" -> new None();
            default -> byDuration(policy);
        };
    }

    private static ResetPolicy byDuration(String policy) {
        if (policy.startsWith(BY_DURATION)) {
            try {
                Duration age = Duration.parse(policy.substring(BY_DURATION.length()));
                if (!age.isNegative()) {
                    return new ByDuration(age);
                }
            } catch (DateTimeException _) {
                // Told below, with what is allowed.
            }
        }
        throw new IllegalArgumentException(
                "auto.offset.reset: %s; allowed is earliest, latest, none or by_duration:<ISO-8601 duration>"
                        .formatted(policy));
    }
}
